// A bound, not an estimate: budgets stand on it.
//
//   tokens <= bytes of text            (byte-level tokenizers never make more tokens than bytes)
//           + 16 a message + 64        (chat templates: role marks, separators, a default system line)
//           + 3 x bytes + 512 of tools (templates render schemas again, indented, with instructions before them)
//           + 65,536 a media part      (an image is billed by its tiles: 48,169 tokens is the dearest known)
#include <simdjson.h>

#include "service/dialect/dialect.h"

namespace harvest::dialect {
namespace {

constexpr int64_t kPerPrompt = 64, kPerMessage = 16, kPerMediaPart = 65536;
constexpr int64_t kToolsFactor = 3, kToolsPreamble = 512;

int64_t bytes(const std::string& text) {
  return static_cast<int64_t>(text.size());
}

int64_t rendered(const std::string& schema) {
  return schema.empty() ? 0 : kToolsFactor * bytes(schema) + kToolsPreamble;
}

int64_t media_parts(const std::string& parts_json) {
  simdjson::dom::parser parser;
  simdjson::dom::array parts;
  if (parts_json.empty() || parser.parse(parts_json).get(parts) != simdjson::SUCCESS) return 0;
  int64_t count = 0;
  for (const simdjson::dom::element part : parts) {
    std::string_view type;
    const bool known = part.at_key("type").get(type) == simdjson::SUCCESS;
    if (!known || (type != "text" && type != "refusal" && type != "thinking")) ++count;
  }
  return count;
}

}  // namespace

int64_t input_tokens_max(const v1::Prompt& prompt, const v1::Sampling& sampling) {
  int64_t tokens = kPerPrompt + rendered(prompt.tools_json()) + rendered(sampling.response_format_json()) +
                   bytes(prompt.tool_choice_json()) + bytes(sampling.extra_body_json());
  for (const v1::Message& message : prompt.messages()) {
    tokens += kPerMessage + bytes(message.role()) + bytes(message.content()) + bytes(message.parts_json()) +
              bytes(message.name()) + bytes(message.tool_call_id()) + kToolsFactor * bytes(message.tool_calls_json()) +
              bytes(message.reasoning_content()) + kPerMediaPart * media_parts(message.parts_json());
  }
  return tokens;
}

}  // namespace harvest::dialect
