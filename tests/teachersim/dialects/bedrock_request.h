#pragma once

#include <boost/json.hpp>
#include <memory>
#include <string_view>

#include "tests/teachersim/dialects/wish.h"

namespace teachersim {

/// A request to /model/{modelId}/converse or /converse-stream. Throws Mistake.
std::unique_ptr<Wish> read_bedrock_request(std::string_view model, const boost::json::object& body,
                                           const AnswerShape& shape);

}  // namespace teachersim
