#pragma once

#include <boost/json.hpp>
#include <memory>

#include "tests/teachersim/dialects/wish.h"

namespace teachersim {

/// A request to POST /v2/chat. Throws Mistake.
std::unique_ptr<Wish> read_cohere_request(const boost::json::object& body, const AnswerShape& shape);

}  // namespace teachersim
