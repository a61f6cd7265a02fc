#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "tests/teachersim/dialects/openai_responses_request.h"
#include "tests/teachersim/dialects/utterance.h"

namespace teachersim {

/// The response that answers a request. A refusal is a part of the message; with the code "content_filter" the response
/// is incomplete instead.
boost::json::object responses_object(const ResponsesRequest& request, const Utterance& said, const Usage& usage,
                                     const AnswerShape& shape, const Stamp& stamp);

/// The same response as a stream of typed events with deltas of `piece` bytes; the last one holds it whole.
std::vector<std::string> responses_events(const boost::json::object& response, std::size_t piece);

}  // namespace teachersim
