#pragma once

#include <optional>
#include <string>

#include "service/quality/labels/judged.h"

namespace harvest::quality {

/// Rule `language`: the language that most of the answer is in, by CLD2 ("en", "zh-Hant"). None where it cannot be
/// told: of a few words, of figures alone, of what is no UTF-8. The first 640 bytes are looked at.
std::optional<std::string> find_language(const Judged& judged);

}  // namespace harvest::quality
