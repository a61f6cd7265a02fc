#pragma once

#include <boost/json.hpp>

#include "tests/teachersim/dialects/wish.h"

namespace teachersim {

/// A request to POST /v1/messages.
struct AnthropicRequest : Wish {
  bool shows_thinking = true;  // "display": "summarized"
};

/// Reads one, as strictly as the vendor: unknown fields, sampling on the models that take none, thinking budgets and
/// signatures that do not fit are refused. Throws Mistake.
std::unique_ptr<AnthropicRequest> read_anthropic_request(const boost::json::object& body, const AnswerShape& shape);

/// What proves that a thinking text was thought here; a client must send it back unchanged.
std::string anthropic_signature(std::string_view thinking);

}  // namespace teachersim
