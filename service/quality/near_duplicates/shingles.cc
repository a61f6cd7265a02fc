#include "service/quality/near_duplicates/shingles.h"

#include "absl/strings/ascii.h"
#include "service/quality/labels/words.h"

namespace harvest::quality {
namespace {

constexpr uint64_t kWordSeed = 0xCBF29CE484222325ULL;
constexpr uint64_t kWordStep = 0x100000001B3ULL;

/// How long the character is that begins with this byte; 1 also for what begins none.
size_t length_of(unsigned char lead) {
  if (lead >= 0xF0) return 4;
  if (lead >= 0xE0) return 3;
  return lead >= 0xC2 ? 2 : 1;
}

/// Spaces, signs and punctuation beyond ASCII: U+0080 to U+00BF, U+2000 to U+207F, U+3000 to U+303F.
bool is_sign(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return true;
  if (character.size() == 2) return lead == 0xC2;
  const auto second = static_cast<unsigned char>(character[1]);
  return (lead == 0xE2 && (second == 0x80 || second == 0x81)) || (lead == 0xE3 && second == 0x80);
}

class WordList {
 public:
  void add(std::string_view text) {
    while (!text.empty()) {
      const auto byte = static_cast<unsigned char>(text[0]);
      if (byte < 0x80) {
        absl::ascii_isalnum(byte) ? put(static_cast<unsigned char>(absl::ascii_tolower(byte))) : end_word();
        text.remove_prefix(1);
        continue;
      }
      const std::string_view character = text.substr(0, length_of(byte));
      text.remove_prefix(character.size());
      const bool alone = character.size() > 2;
      if (alone || is_sign(character)) end_word();
      if (is_sign(character)) continue;
      for (const char part : character) put(static_cast<unsigned char>(part));
      if (alone) end_word();
    }
    end_word();
  }
  const std::vector<Word>& words() const { return words_; }

 private:
  void put(unsigned char byte) {
    word_.hash = (word_.hash ^ byte) * kWordStep;
    ++word_.bytes;
  }
  void end_word() {
    if (word_.bytes > 0) words_.push_back(word_);
    word_ = {kWordSeed, 0};
  }
  Word word_{kWordSeed, 0};
  std::vector<Word> words_;
};

}  // namespace

std::vector<uint64_t> shingles_of(const v1::Message& answer) {
  WordList list;
  for (const std::string* text : {&answer.content(), &answer.parts_json(), &answer.tool_calls_json()}) list.add(*text);
  std::vector<uint64_t> shingles;
  if (list.words().size() < kNearWordsLeast) return shingles;
  const WordRuns runs(list.words());
  shingles.reserve(runs.size());
  for (size_t i = 0; i + kShingleWords <= runs.size(); ++i) shingles.push_back(runs.hash(i, kShingleWords));
  return shingles;
}

}  // namespace harvest::quality
