#pragma once

#include <optional>
#include <string>

#include "service/quality/labels/judged.h"

namespace harvest::quality {

/// Rule `refused`: "vendor" where the vendor says so; "phrase" where a short answer (600 bytes) has a refusal's words
/// in its first 200 bytes. Whole phrases in the first person alone: "sorry" or "illegal" anywhere finds mostly answers.
std::optional<std::string> find_refusal(const Judged& judged);

}  // namespace harvest::quality
