#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harvest::dialect {

/// The bytes of what is kept verbatim, so that a trainer sees the key order and number formats that the teacher wrote.
struct ChoiceSlices {
  std::string tool_calls;        ///< JSON array, or empty
  std::string logprobs;          ///< JSON value, or empty
  std::string logprobs_content;  ///< the array within it, or empty
};

/// One per element of `choices`, in the body's order. `body` has passed a strict parser.
std::vector<ChoiceSlices> raw_slices(std::string_view body);

}  // namespace harvest::dialect
