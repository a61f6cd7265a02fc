#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "tests/teachersim/dialects/anthropic_request.h"
#include "tests/teachersim/dialects/utterance.h"

namespace teachersim {

/// The message that answers a request; `usage` is its last member.
boost::json::object anthropic_message(const AnthropicRequest& request, const Utterance& utterance, const Usage& usage,
                                      const Stamp& stamp);

/// The same message as a stream: message_start, the blocks in deltas of `piece` bytes, message_delta, message_stop.
std::vector<std::string> anthropic_events(const boost::json::object& message, std::size_t piece);

}  // namespace teachersim
