#include "service/quality/answer_traits.h"

#include "absl/strings/ascii.h"

namespace harvest::quality {

namespace {

/// Of eight bytes at a time, each eight mixed into what the ones before came to; the length makes an end of it.
class Hash {
 public:
  void add(std::string_view text) {
    bool gap = false, any = false;
    for (const unsigned char byte : text) {
      if (absl::ascii_isspace(byte)) {
        gap = any;
        continue;
      }
      if (gap) put(' ');
      gap = false;
      any = true;
      put(byte);
    }
    // What follows is another text: "ab", "c" is not "a", "bc".
    put('\0');
  }
  uint64_t value() const { return mix(mix(state_ ^ word_) ^ bytes_); }

 private:
  void put(unsigned char byte) {
    word_ = word_ << 8 | byte;
    if (++bytes_ % 8 == 0) state_ = mix(state_ ^ word_);
  }
  static uint64_t mix(uint64_t value) {
    value = (value ^ value >> 32) * 0xD6E8FEB86659FD93ULL;
    return (value ^ value >> 32) + 0x9E3779B97F4A7C15ULL;
  }

  uint64_t state_ = 0, word_ = 0, bytes_ = 0;
};

bool is_blank(const std::string& text) {
  return absl::StripAsciiWhitespace(text).empty();
}

}  // namespace

AnswerTraits traits_of(const v1::Message& message, bool refused, bool truncated) {
  AnswerTraits traits{.refused = refused, .truncated = truncated};
  traits.empty =
      !refused && is_blank(message.content()) && message.parts_json().empty() && message.tool_calls_json().empty();
  Hash hash;
  hash.add(message.content());
  hash.add(message.parts_json());
  hash.add(message.tool_calls_json());
  traits.text_hash = hash.value();
  return traits;
}

uint64_t text_hash(std::string_view text) {
  Hash hash;
  hash.add(text);
  return hash.value();
}

}  // namespace harvest::quality
