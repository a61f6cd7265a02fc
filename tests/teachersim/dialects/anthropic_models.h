#pragma once

#include <string_view>

/// What the vendor's models differ in, as far as requests are refused for it.
namespace teachersim {

/// Models from Opus 4.7 and Sonnet 5 on: no sampling parameters, no thinking budget, no prefill.
inline bool refuses_sampling(std::string_view model) {
  for (const std::string_view begin : {"claude-opus-4-7", "claude-opus-4-8", "claude-opus-5", "claude-sonnet-5"}) {
    if (model.starts_with(begin)) return true;
  }
  return false;
}

/// Models of the generation before take temperature or top_p, not both.
inline bool takes_one_sampling(std::string_view model) {
  for (const std::string_view begin : {"claude-opus-4-1", "claude-sonnet-4-5", "claude-haiku-4-5"}) {
    if (model.starts_with(begin)) return true;
  }
  return false;
}

}  // namespace teachersim
