#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/teachersim/dialects/dialects.h"

/// A silent change: from some moment on another teacher answers under the same name. Online calls alone; batches are of
/// the old one.
namespace teachersim {

struct Turn {
  std::int64_t after = -1;  // answers; then all of this. -1: never, 0: from the start
  // What chat completions report of themselves then; empty: as before.
  std::string model;
  std::string fingerprint;
  std::optional<std::uint64_t> seed;  // other answers to the same questions
  // Shares of answers; their sum must not exceed 1. All are billed.
  double refusal = 0;     // the content filter struck
  double truncation = 0;  // the text goes on beyond any cap
  double empty = 0;       // no text
  double duplicate = 0;   // the same text, whatever was asked
  double sum() const { return refusal + truncation + empty + duplicate; }
};

/// How the teacher speaks once it has turned.
class Turned {
 public:
  Turned(const Turn& turn, const AnswerShape& before, bool canned, const Manners& manners);

  enum class Way { kPlain, kRefused, kEndless, kNothing, kSame };
  /// What becomes of an answer to the question with this key.
  Way way(std::uint64_t question) const;
  /// Who answers so: the `index`-th of all dialects.
  const Dialect& voice(Way way, std::size_t index) const;

 private:
  using Voices = std::vector<std::unique_ptr<Dialect>>;
  const Turn turn_;
  const AnswerShape shape_;
  const Voices plain_, endless_, nothing_, same_;
};

}  // namespace teachersim
