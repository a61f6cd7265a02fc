#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/dialects/chat_request.h"

namespace teachersim {

/// One choice of an answer: what is said, and what it costs. Invariant: tokens <= the request's cap per choice.
struct ChatChoice {
  struct ToolCall {
    std::string id;
    std::string name;
    std::string arguments;  // JSON text
  };
  std::string content;  // empty for tool calls and refusals
  std::string refusal;  // empty unless refused
  std::optional<ToolCall> tool_call;
  std::string_view finish_reason = "stop";
  std::int64_t tokens = 0;  // reasoning included
  std::int64_t reasoning_tokens = 0;
};

/// `draw` is seeded by the question and the choice's index.
ChatChoice make_choice(const ChatRequest& request, const AnswerShape& shape, bool refuse, Draw draw);

/// The `logprobs` member for a content: one entry per token, with `top` alternatives each.
void append_logprobs(std::string& out, std::string_view content, int top, Draw draw);

}  // namespace teachersim
