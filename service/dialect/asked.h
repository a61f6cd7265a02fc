#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/query.pb.h"

/// A query states tools, content parts, tool calls and response format in OpenAI's JSON, which is everybody's. Here
/// they are taken apart for the dialects that say them in another way. INVALID_ARGUMENT names the place and what was
/// expected; check_query() calls these too, so that encode() meets only what they accept. Schemas keep their own bytes:
/// key order shapes answers.
namespace harvest::dialect {

struct Tool {
  std::string name, description;
  std::string parameters_json;  ///< JSON schema, verbatim; empty: none
  std::optional<bool> strict;
};
absl::StatusOr<std::vector<Tool>> read_tools(std::string_view tools_json);

struct ToolChoice {
  enum class Mode : uint8_t { kUnstated, kAuto, kNone, kRequired, kNamed };
  Mode mode = Mode::kUnstated;
  std::string name;  ///< kNamed
};
absl::StatusOr<ToolChoice> read_tool_choice(std::string_view tool_choice_json);

struct ToolCall {
  std::string id, name;
  std::string arguments_json;  ///< an object, verbatim
};
absl::StatusOr<std::vector<ToolCall>> read_tool_calls(std::string_view tool_calls_json);

struct Part {
  enum class Kind : uint8_t { kText, kImage };
  Kind kind = Kind::kText;
  std::string text;
  std::string media_type, base64;  ///< of an image given as a data URL
  std::string url;                 ///< of one that the server fetches
  std::string detail;              ///< of an image: low, high, auto; empty: unstated
};
/// A message's content, whether given as text or as parts; empty texts are left out.
absl::StatusOr<std::vector<Part>> read_parts(const v1::Message& message);

struct ResponseFormat {
  enum class Kind : uint8_t { kText, kJsonObject, kJsonSchema, kOther };
  Kind kind = Kind::kText;
  std::string type;               ///< as stated
  std::string name, schema_json;  ///< kJsonSchema; the schema verbatim
  std::string description;        ///< of the schema
  std::optional<bool> strict;
};
absl::StatusOr<ResponseFormat> read_response_format(std::string_view response_format_json);

inline bool is_system(const v1::Message& message) {
  return message.role() == "system" || message.role() == "developer";
}

/// The text of the leading system messages, joined by blank lines; for dialects that state it apart.
std::string system_text(const v1::Prompt& prompt);

}  // namespace harvest::dialect
