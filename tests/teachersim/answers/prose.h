#pragma once

#include <cstddef>
#include <string>

#include "tests/teachersim/answers/draw.h"

namespace teachersim {

/// Plausible English of exactly `bytes` bytes (ASCII): sentences of a fixed grammar over a small vocabulary, in
/// paragraphs. What is said depends on `draw` alone, and a longer text begins with the shorter one's sentences.
std::string prose(Draw& draw, std::size_t bytes);

/// One or two words, for names and short fields.
std::string phrase(Draw& draw);

}  // namespace teachersim
