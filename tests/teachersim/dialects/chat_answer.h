#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/teachersim/dialects/chat_choice.h"

namespace teachersim {

/// What is answered to a chat completion, in OpenAI's words, whole or as a stream. `reasoning_field` names the member
/// that shows the thinking; empty: none does.
class ChatAnswer {
 public:
  ChatAnswer(const ChatRequest& request, const AnswerShape& shape, const Stamp& stamp,
             std::string_view reasoning_field);

  const Usage& usage() const { return usage_; }
  std::vector<std::string> contents() const;

  std::string whole() const;
  /// What each choice says in deltas of `piece` bytes (with logprobs: of as many whole tokens), its end, the usage if
  /// it was asked for, [DONE].
  std::vector<std::string> events(std::size_t piece) const;

 private:
  std::string chunk(std::size_t index, std::string_view delta, std::span<const ChatLogprob> logprobs,
                    std::string_view finish_reason) const;
  void add_content(std::vector<std::string>& events, std::size_t index, std::size_t piece) const;

  const ChatRequest& request_;
  const std::string_view reasoning_field_;
  std::string head_;  // {"id":…,"object":…,"created":…,"model":…,… and no closing brace
  std::vector<ChatChoice> choices_;
  std::vector<Draw> draws_;  // of logprobs, one for each choice
  Usage usage_;
};

}  // namespace teachersim
