#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "service/limit/token_histogram.h"

namespace harvest::limit {

/// How many tokens a teacher's attempts take, learned from its answers, per kind of prompt: what shares a template, a
/// system prompt, a data set. An estimate for pacing only; money is bounded by bytes and caps.
///
/// A kind of fewer than 20 answers is taken for a quarter denser than its densest so far, and for no less than what the
/// teacher as a whole has been asked and has answered of late; before its first answer its input is the byte bound
/// itself: English has a token in four bytes, but numbers, base64 and some scripts nearly one in each, and a stated
/// limit is never exceeded. Its first answers give back what was too much. Where most kinds never come to 20 answers
/// (each prompt is one of its own) kinds tell nothing, and the teacher as a whole stands in. Where that has answered
/// fewer than 20, output is the cap, and input what an earlier run has found, or a quarter more than the densest. An
/// answer that was cut off at its cap says "at least so many": what lies beyond (token_histogram.h) is expected to need
/// the cap that is asked for.
///
/// Pure; owned by the TeacherDesk, decision lane. 256 kinds at most, each some KB: the one that has been without an
/// answer for longest goes.
class TokenBook {
 public:
  /// A hash of the caller's choosing. Where one attempt asks for several answers, their number belongs to the kind.
  using Kind = uint64_t;

  /// What one answer took. What is not told is 0; what no answer can have taken (negative, or more than 2^40 tokens) is
  /// as if it was not told.
  struct Observation {
    int64_t input_tokens_max = 0;  ///< the byte bound of its input
    int64_t input_tokens = 0;
    int64_t output_tokens = 0;
    bool cut_off = false;  ///< it ended at its cap
  };
  void learn(Kind kind, const Observation& seen);
  /// What an earlier run found (input_tokens_per_kib()): holds until 20 answers are known. 0: nothing.
  void expect_input(int64_t tokens_per_kib);
  /// Input tokens per 1,024 of the byte bound, which nine of ten prompts of the teacher stay within; 0 while fewer than
  /// 20 answers are known.
  int64_t input_tokens_per_kib() const;

  /// So many input tokens or fewer, in the share `quantile` (0 to 1) of attempts. From 1 to the bound.
  int64_t input_tokens(Kind kind, int64_t input_tokens_max, double quantile) const;
  /// The same of output tokens. From 1 to the cap; 0 where the cap is not positive.
  int64_t output_tokens(Kind kind, int64_t output_tokens_max, double quantile) const;

  /// For people. None: beyond what was seen, since too many were cut off; or nothing was.
  struct Figures {
    int64_t answers = 0;
    int64_t cut_off = 0;  ///< of these
    std::optional<double> input_ratio_median;
    std::optional<int64_t> output_median, output_p90, output_p99;
  };
  /// Of one kind; of none that is not known.
  Figures figures(Kind kind) const;
  /// Of the teacher as a whole.
  Figures figures() const;
  size_t kinds() const { return kinds_.size(); }

 private:
  struct Known {
    TokenHistogram input_ratios;  ///< in 1 / 4096
    TokenHistogram outputs;
    int64_t cut_off = 0;
    double densest_input_ratio = 0;
    int64_t longest_output = 0;
    uint64_t learned_at = 0;  ///< by the count of all answers

    void learn(const Observation& seen);
    bool knows_input() const;
    double input_ratio(double quantile) const;  ///< requires that it knows
  };
  const Known* find(Kind kind) const;
  void make_room();
  static Figures figures_of(const Known& known);

  /// Of a kind of few answers; null: of none.
  double young_input_ratio(const Known* kind, double quantile) const;
  bool kinds_tell() const;

  double expected_input_ratio_ = 0;  ///< by an earlier run; 0: unknown
  Known teacher_;
  std::unordered_map<Kind, Known> kinds_;
  size_t grown_ = 0;  ///< of these, know their input
  uint64_t learned_ = 0;
};

}  // namespace harvest::limit
