#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "harvest/v1/query.pb.h"

namespace harvest::quality {

inline constexpr size_t kShingleWords = 5;
/// Of fewer words nothing is said: one that differs alters a quarter of the runs of so short a text, and short answers
/// that are the same are what different questions have.
inline constexpr size_t kNearWordsLeast = 24;

/// What two answers are compared by: hashes of all runs of five words in a row. Words are letters and digits without
/// regard to case; a character of a script that is written in syllables or without spaces (from U+0800 on) is a word of
/// its own. White space and punctuation are no difference, wherever they stand. All that an answer says counts, as for
/// exact duplicates: text, parts, calls of tools; thoughts do not. Empty: too short.
std::vector<uint64_t> shingles_of(const v1::Message& answer);

}  // namespace harvest::quality
