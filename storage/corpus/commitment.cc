#include "storage/corpus/commitment.h"

#include "storage/corpus/canonical_json.h"

namespace harvest::corpus {
namespace {

void append_optional(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  out += ",\"";
  out += key;
  out += "\":";
  append_json_string(out, value);
}

}  // namespace

std::string_view content_text(const v1::Message& message) {
  return message.parts_json().empty() ? message.content() : message.parts_json();
}

void append_canonical_message(std::string& out, const v1::Message& message) {
  out += "{\"content\":";
  append_json_string(out, content_text(message));
  append_optional(out, "name", message.name());
  append_optional(out, "reasoning_content", message.reasoning_content());
  out += ",\"role\":";
  append_json_string(out, message.role());
  append_optional(out, "tool_call_id", message.tool_call_id());
  append_optional(out, "tool_calls", message.tool_calls_json());
  out += '}';
}

void append_canonical_record(std::string& out, const Messages& prompt, const v1::Message& answer,
                             std::string_view record_id, std::string_view teacher_id) {
  out += "{\"messages\":[";
  for (const v1::Message& message : prompt) {
    append_canonical_message(out, message);
    out += ',';
  }
  append_canonical_message(out, answer);
  out += "],\"record_id\":";
  append_json_string(out, record_id);
  out += ",\"teacher_id\":";
  append_json_string(out, teacher_id);
  out += '}';
}

Digest commit(std::string_view salt, const Messages& prompt, const v1::Message& answer, std::string_view record_id,
              std::string_view teacher_id) {
  // Salt and record in one buffer that keeps its memory from pair to pair: one pass of the hash, no allocation.
  static constexpr size_t kKeptBytes = 1 << 20;
  thread_local std::string buffer;
  buffer.assign(salt);
  append_canonical_record(buffer, prompt, answer, record_id, teacher_id);
  const Digest digest = sha256(buffer);
  if (buffer.capacity() > kKeptBytes) {
    buffer.clear();
    buffer.shrink_to_fit();
  }
  return digest;
}

}  // namespace harvest::corpus
