#pragma once

#include <boost/json.hpp>
#include <memory>

#include "tests/teachersim/dialects/wish.h"

namespace teachersim {

/// A request to POST …/responses; what the response repeats is kept as it came.
struct ResponsesRequest : Wish {
  boost::json::object echoed;
  bool shows_summary = false;
};

/// Throws Mistake.
std::unique_ptr<ResponsesRequest> read_responses_request(const boost::json::object& body, const AnswerShape& shape);

}  // namespace teachersim
