#pragma once

#include <string_view>

#include "harvest/v1/query.pb.h"

namespace harvest::quality {

/// What the label rules look at. References and views must live as long as the call.
struct Judged {
  const v1::Prompt& prompt;               ///< as it was sent, its job applied
  std::string_view response_format_json;  ///< that was asked for; empty: none
  const v1::Message& message;             ///< the answer
  bool refused = false;                   ///< the vendor says so
  bool truncated = false;                 ///< ended at the output cap, as its dialect tells
  bool prompt_ignored = false;            ///< its job does not look for personal data in prompts
};

}  // namespace harvest::quality
