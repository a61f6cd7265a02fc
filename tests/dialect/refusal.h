#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"

/// Queries to be refused at submit, and in what words they are.
namespace harvest::testing {

inline v1::Message& add(v1::Prompt& prompt, const std::string& role, const std::string& content = "") {
  v1::Message& message = *prompt.add_messages();
  message.set_role(role);
  message.set_content(content);
  return message;
}

inline v1::Prompt question() {
  v1::Prompt prompt;
  add(prompt, "user", "hi");
  return prompt;
}

/// What a dialect says against a query; empty: nothing. Whatever it says is about the query.
inline std::string complaint(std::string_view dialect, const v1::Prompt& prompt, const v1::Sampling& sampling = {},
                             const v1::Teacher& teacher = {}) {
  const absl::Status status = dialect::find_dialect(dialect)->check(teacher, prompt, sampling);
  CHECK((status.ok() || absl::IsInvalidArgument(status)));
  return std::string(status.message());
}

template <typename Set>
std::string complaint_about(std::string_view dialect, Set set) {
  v1::Sampling sampling;
  set(sampling);
  return complaint(dialect, question(), sampling);
}

/// About this key of the extra body.
inline std::string complaint_about_key(std::string_view dialect, const std::string& key) {
  return complaint_about(dialect, [&](v1::Sampling& s) { s.set_extra_body_json("{\"" + key + "\":1}"); });
}

}  // namespace harvest::testing
