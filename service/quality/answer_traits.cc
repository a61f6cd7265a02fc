#include "service/quality/answer_traits.h"

#include "absl/strings/ascii.h"

namespace harvest::quality {

namespace {

/// FNV-1a, byte by byte, with a last mix that spreads what the last bytes did.
class Hash {
 public:
  void add(std::string_view text) {
    bool gap = false;
    for (const unsigned char byte : text) {
      if (absl::ascii_isspace(byte)) {
        gap = true;
        continue;
      }
      if (gap && any_) put(' ');
      gap = false;
      put(byte);
      any_ = true;
    }
    // What follows is another text: "ab", "c" is not "a", "bc".
    put('\0');
  }
  uint64_t value() const {
    uint64_t mixed = state_ ^ (state_ >> 33);
    mixed *= 0xFF51AFD7ED558CCDULL;
    return mixed ^ (mixed >> 33);
  }

 private:
  void put(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001B3ULL; }

  uint64_t state_ = 0xCBF29CE484222325ULL;
  bool any_ = false;
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
