#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "harvest/v1/query.pb.h"
#include "proto/text/mistake.h"

namespace harvest::client {

/// Nothing, or what is wrong with a line (its place is filled in by who knows the line).
using Wrong = std::optional<text::Mistake>;

/// "found …, expected …" of a field.
Wrong expected(std::string_view field, simdjson::dom::element value, const std::string& what);

enum class ChatField {
  kTaken,    ///< stands in the prompt now
  kIgnored,  ///< says how an answer is delivered, not what it is: stream
  kModel,    ///< names a model; who is asked is the job's to say
  kVendor,   ///< shapes answers of some servers (min_p, thinking): goes to a teacher by extra_body alone
  kUnknown,
};

/// One field of a Chat Completions body into a prompt: messages, tools, sampling, extra_body. What such a body may say
/// and a harvest cannot do (n other than 1) is wrong, not dropped. Null counts as not given. Pure.
Wrong read_chat_field(std::string_view key, simdjson::dom::element value, v1::Prompt* prompt, ChatField* kind);

}  // namespace harvest::client
