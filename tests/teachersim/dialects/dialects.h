#pragma once

#include <memory>
#include <vector>

#include "tests/teachersim/dialects/dialect.h"

namespace teachersim {

/// Every dialect that the stand-in speaks; the first also words the troubles of paths that nobody owns. With `canned`,
/// prebuilt answers take the place of chat completions.
std::vector<std::unique_ptr<Dialect>> all_dialects(const AnswerShape& shape, bool canned);

}  // namespace teachersim
