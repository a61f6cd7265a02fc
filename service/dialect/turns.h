#pragma once

#include <vector>

#include "absl/status/status.h"
#include "harvest/v1/query.pb.h"

/// A prompt as a talk of two, for the vendors that know only user and assistant: what stands behind the leading system
/// messages, neighbours of one side merged into one turn. A tool's result is said by the user.
namespace harvest::dialect {

struct Turn {
  bool assistant = false;
  std::vector<const v1::Message*> messages;  ///< at least one; they live as long as the prompt
};
std::vector<Turn> turns(const v1::Prompt& prompt);

/// INVALID_ARGUMENT names what such a talk cannot hold:
///
/// - a name, reasoning text to be taken back, images of an assistant;
/// - calls of another than an assistant, calls and results without an id;
/// - a result that does not stand before the user's own words;
/// - a message that says nothing (a result may be empty), or a prompt of system messages only.
///
/// The prompt has passed check_query(); `dialect` is how messages call it.
absl::Status check_turns(std::string_view dialect, const v1::Prompt& prompt);

}  // namespace harvest::dialect
