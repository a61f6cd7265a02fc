#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "tests/teachersim/dialects/utterance.h"

namespace teachersim {

/// The answer to a converse request. A refusal ends with "content_filtered", or with the code that was asked for.
boost::json::object bedrock_response(const Utterance& said, const Usage& usage, const Stamp& stamp);

/// The same as binary messages: messageStart, blocks in deltas of `piece` bytes, messageStop, metadata.
std::vector<std::string> bedrock_events(const boost::json::object& response, std::size_t piece);

}  // namespace teachersim
