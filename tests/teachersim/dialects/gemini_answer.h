#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "tests/teachersim/dialects/gemini_request.h"
#include "tests/teachersim/dialects/utterance.h"

namespace teachersim {

/// What is answered, whole or as a stream. `vertex` adds what only Vertex tells.
class GeminiAnswer {
 public:
  GeminiAnswer(const GeminiRequest& request, const AnswerShape& shape, const Stamp& stamp, bool vertex);

  /// A blocked prompt has no candidates and costs no output.
  const Usage& usage() const { return usage_; }
  const std::vector<Utterance>& utterances() const { return utterances_; }

  boost::json::object whole() const;
  /// Each a whole partial response: pieces of thoughts and text, then what ends each candidate. The usage in each is
  /// what has been said so far; the last counts.
  std::vector<boost::json::object> parts(std::size_t piece) const;

 private:
  boost::json::object response(boost::json::array candidates, const Usage& usage) const;
  boost::json::object candidate(std::size_t index, boost::json::array parts) const;
  void finish(boost::json::object& candidate, std::size_t index) const;
  bool is_blocked() const { return stamp_.refuse && stamp_.refusal_code.empty(); }

  const GeminiRequest& request_;
  const AnswerShape& shape_;
  const Stamp& stamp_;
  const bool vertex_;
  const std::vector<Utterance> utterances_;
  Usage usage_;
};

}  // namespace teachersim
