#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/dialect/registry/registry.h"
#include "tests/dialect/refusal.h"

namespace harvest::testing {

/// A teacher that takes batches, and how.
struct BatchTeacher {
  BatchTeacher(std::string_view dialect_name, std::string_view endpoint)
      : dialect(*dialect::find_dialect(dialect_name)) {
    teacher.set_dialect(std::string(dialect_name));
    teacher.set_endpoint(std::string(endpoint));
    teacher.set_model("m-1");
  }
  const dialect::BatchInterface& batches() const { return *dialect.batches(teacher); }
  /// A question as it is asked online.
  dialect::BatchMember member(std::string custom_id, std::string_view text = "hi") const {
    v1::Prompt prompt;
    add(prompt, "user", std::string(text));
    v1::Sampling sampling;
    sampling.set_max_output_tokens(5);
    return {std::move(custom_id), dialect.encode(teacher, {.prompt = prompt, .sampling = sampling})};
  }

  const dialect::Dialect& dialect;
  v1::Teacher teacher;
};

inline BatchTeacher openai() {
  return {"openai-chat", "https://api.openai.com/v1"};
}
inline BatchTeacher azure() {
  return {"azure-openai", "https://res.openai.azure.com"};
}
inline BatchTeacher mistral() {
  return {"mistral", "https://api.mistral.ai/v1"};
}
inline BatchTeacher anthropic() {
  return {"anthropic-messages", "https://api.anthropic.com"};
}
inline BatchTeacher gemini() {
  return {"gemini", "https://generativelanguage.googleapis.com/v1beta"};
}

/// A request in words: method, path, each header, body.
inline std::string told(const dialect::HttpRequest& request) {
  using Method = dialect::HttpRequest::Method;
  std::string text = request.method == Method::kGet ? "GET " : request.method == Method::kPost ? "POST " : "DELETE ";
  text += request.path + "\n";
  if (request.headers)
    for (const auto& [name, value] : *request.headers) text += name + ": " + value + "\n";
  return text + request.body;
}

}  // namespace harvest::testing
