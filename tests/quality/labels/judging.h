#pragma once

#include <string>

#include "service/quality/labels/judged.h"

namespace harvest::quality {

/// A prompt and its answer; a case changes what it is about.
struct Judging {
  Judging(const std::string& answer = "", const std::string& question = "What is asked here?") {
    message.set_role("assistant");
    message.set_content(answer);
    v1::Message& user = *prompt.add_messages();
    user.set_role("user");
    user.set_content(question);
  }
  Judged operator*() const {
    return {.prompt = prompt,
            .response_format_json = response_format,
            .message = message,
            .refused = refused,
            .truncated = truncated,
            .prompt_ignored = prompt_ignored};
  }

  v1::Prompt prompt;
  v1::Message message;
  std::string response_format;
  bool refused = false, truncated = false, prompt_ignored = false;
};

/// Some words that are no words of any language's everyday, all different.
inline std::string words(int count, int from = 0) {
  std::string text;
  for (int i = from; i < from + count; ++i) text += "word" + std::to_string(i) + ' ';
  return text;
}

inline std::string times(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace harvest::quality
