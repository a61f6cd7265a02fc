#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harvest::dialect {

/// The bytes of what is kept of a candidate as the teacher wrote it.
struct GeminiSlices {
  std::vector<std::string> args;  ///< one per functionCall; empty: it has none
  std::string chosen, top;        ///< what stands between the brackets of logprobsResult's lists
};

/// One per object of `candidates`, in the response's order. `json` has passed a strict parser.
std::vector<GeminiSlices> gemini_slices(std::string_view json);

}  // namespace harvest::dialect
