#pragma once

#include <optional>
#include <string>

#include "service/quality/labels/judged.h"

namespace harvest::quality {

/// Rule `repetition`, of answers of fifty words and more: the run of 2, 3 or 4 words that is there most often makes up
/// more than .20, .18 or .16 of the words' bytes ("top_2", …), or .40 of all runs of 10 words stood there before
/// ("said_before": a loop of whole sentences).
std::optional<std::string> find_repetition(const Judged& judged);

}  // namespace harvest::quality
