#pragma once

#include <string>

#include "harvest/v1/query.pb.h"

namespace harvest::client {

/// Appends what a prompt asks, as bytes: messages, tools and sampling, not what is only kept with the pair. Two prompts
/// give the same bytes exactly when they ask the same; each part has its size before it, so that several prompts, one
/// behind the other, can be told apart too.
void append_asked(const v1::Prompt& prompt, std::string& out);

}  // namespace harvest::client
