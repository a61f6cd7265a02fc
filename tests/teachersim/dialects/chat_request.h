#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

/// A request to POST /chat/completions, checked as strictly as the vendor checks what matters here. Unknown fields are
/// ignored, but those that shape the answer are part of `key`.
struct ChatRequest : Question {
  enum class Format { kText, kJsonObject, kJsonSchema };
  struct Tool {
    std::string name;
    boost::json::value parameters;
  };

  int choices = 1;
  std::int64_t cap_per_choice = 0;  // tokens, reasoning included
  bool logprobs = false;
  int top_logprobs = 0;
  bool stream_usage = false;
  Format format = Format::kText;
  boost::json::value schema;  // for kJsonSchema
  std::vector<Tool> tools;    // those that may be called
  bool must_call_tool = false;
  std::vector<std::string> stops;
};

/// Input tokens: for each message kTokensPerMessage and the tokens of its text (other parts, tool calls, tools and a
/// schema count by their JSON). So they never exceed the bytes of the request plus 16 per message. `model` takes the
/// place of the body's, unless it is empty.
std::variant<std::unique_ptr<ChatRequest>, Trouble> read_chat_request(std::string_view body,
                                                                      std::int64_t default_output_cap,
                                                                      std::string_view model = {});

}  // namespace teachersim
