#include "client/cpp/asked_bytes.h"

namespace harvest::client {
namespace {

void append_size(uint64_t size, std::string& out) {
  for (int shift = 0; shift < 64; shift += 8) {
    out.push_back(static_cast<char>(size >> shift));
  }
}
void frame(const google::protobuf::MessageLite& part, std::string& out) {
  append_size(part.ByteSizeLong(), out);
  part.AppendToString(&out);
}
void frame(const std::string& part, std::string& out) {
  append_size(part.size(), out);
  out.append(part);
}

}  // namespace

void append_asked(const v1::Prompt& prompt, std::string& out) {
  frame(prompt.tools_json(), out);
  frame(prompt.tool_choice_json(), out);
  frame(prompt.sampling(), out);
  append_size(static_cast<uint64_t>(prompt.messages_size()), out);
  for (const v1::Message& message : prompt.messages()) frame(message, out);
  for (const v1::Message& turn : prompt.later_turns()) frame(turn, out);
}

}  // namespace harvest::client
