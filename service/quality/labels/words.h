#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace harvest::quality {

/// A word of a text: letters and digits without regard to case, and everything beyond ASCII. Scripts without spaces
/// give words as long as their sentences.
struct Word {
  uint64_t hash = 0;
  uint32_t bytes = 0;
};

std::vector<Word> words_of(std::string_view text);

/// Hashes of runs of words, each in constant time. The same in every run and on every machine.
class WordRuns {
 public:
  explicit WordRuns(const std::vector<Word>& words);
  /// Of `count` words from the `first` on.
  uint64_t hash(size_t first, size_t count) const;
  /// Bytes of these words.
  uint64_t bytes(size_t first, size_t count) const { return bytes_[first + count] - bytes_[first]; }
  size_t size() const { return sums_.size() - 1; }

 private:
  std::vector<uint64_t> sums_, powers_, bytes_;
};

}  // namespace harvest::quality
