#pragma once

#include <optional>
#include <string>

#include "service/quality/labels/judged.h"

namespace harvest::quality {

/// Rule `unclosed`: "think" where a <think> has no end, "fence" where a code fence (three or more backticks or tildes
/// at the beginning of a line) is not closed by one as long.
std::optional<std::string> find_unclosed(const Judged& judged);

}  // namespace harvest::quality
