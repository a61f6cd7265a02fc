#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
  std::string content;    // empty for tool calls and refusals
  std::string refusal;    // empty unless refused
  std::string reasoning;  // its text, where a vendor shows it: reasoning_tokens long
  std::optional<ToolCall> tool_call;
  std::string_view finish_reason = "stop";
  std::int64_t tokens = 0;  // reasoning included
  std::int64_t reasoning_tokens = 0;
};

/// `draw` is seeded by the question and the choice's index.
ChatChoice make_choice(const ChatRequest& request, const AnswerShape& shape, bool refuse, Draw draw);

/// Writes down the reasoning that the choice is billed for.
void think(ChatChoice& choice, Draw draw);

/// What a `logprobs` member tells of one token, with its alternatives.
struct ChatLogprob {
  std::string_view token;  // points into the content
  std::string entry;       // JSON text
};

/// One for each token of a content, with `top` alternatives each.
std::vector<ChatLogprob> chat_logprobs(std::string_view content, int top, Draw draw);

/// The `logprobs` member for some tokens in a row.
void append_logprobs(std::string& out, std::span<const ChatLogprob> tokens);

}  // namespace teachersim
