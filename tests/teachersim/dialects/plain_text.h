#pragma once

#include <cstdint>
#include <string>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

/// The text of one choice, before a cap of so many tokens shortens it.
std::string text_of(const AnswerShape& shape, std::int64_t cap, Draw& draw);

}  // namespace teachersim
