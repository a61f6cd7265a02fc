#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace harvest::client {

/// What a key of a model's entry in a LiteLLM price file is the price of:
/// `input_cost_per_token_above_200k_tokens_batches` is a token of input, of a batch, in calls with more than 200,000 of
/// them. Pure.
struct PriceKey {
  enum class Kind : uint8_t {
    kInput,
    kOutput,
    kReasoning,
    kCachedInput,
    kCacheWrite,
    kCacheWriteLong,
    kNotBilled,  ///< no price, or one of what this service never asks for: sound, video, searches
    kUplift,     ///< what is paid on top for staying within a region
    kUnknown,    ///< a price, of what is not understood
  };

  static PriceKey of(std::string_view key);

  /// Does it hold for every call?
  bool everywhere() const { return route.empty() && service_tier.empty() && above_input_tokens == 0; }

  Kind kind = Kind::kUnknown;
  std::string route, service_tier;
  uint64_t above_input_tokens = 0;
};

}  // namespace harvest::client
