#include "service/quality/labels/words.h"

#include "absl/strings/ascii.h"

namespace harvest::quality {
namespace {

constexpr uint64_t kSeed = 0xCBF29CE484222325ULL;
constexpr uint64_t kStep = 0x100000001B3ULL;
constexpr uint64_t kBase = 0x9E3779B97F4A7C15ULL;  // odd: multiplying loses nothing

uint64_t stir(uint64_t value) {
  value = (value ^ value >> 32) * 0xD6E8FEB86659FD93ULL;
  return value ^ value >> 32;
}

}  // namespace

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  words.reserve(text.size() / 5);
  Word word{kSeed, 0};
  const auto end_word = [&] {
    if (word.bytes == 0) return;
    word.hash = stir(word.hash);
    words.push_back(word);
    word = {kSeed, 0};
  };
  for (const unsigned char byte : text) {
    if (byte < 0x80 && !absl::ascii_isalnum(byte)) {
      end_word();
      continue;
    }
    word.hash = (word.hash ^ static_cast<unsigned char>(absl::ascii_tolower(byte))) * kStep;
    ++word.bytes;
  }
  end_word();
  return words;
}

WordRuns::WordRuns(const std::vector<Word>& words) : sums_{0}, powers_{1}, bytes_{0} {
  for (auto* list : {&sums_, &powers_, &bytes_}) list->reserve(words.size() + 1);
  for (const Word& word : words) {
    sums_.push_back(sums_.back() * kBase + word.hash);
    powers_.push_back(powers_.back() * kBase);
    bytes_.push_back(bytes_.back() + word.bytes);
  }
}

uint64_t WordRuns::hash(size_t first, size_t count) const {
  return stir(sums_[first + count] - sums_[first] * powers_[count]);
}

}  // namespace harvest::quality
