#include "client/cpp/price_key.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace harvest::client {
namespace {

using Kind = PriceKey::Kind;

struct Base {
  std::string_view key;
  Kind kind;
};
/// Of two that begin alike the longer first.
constexpr std::array<Base, 7> kBases{{{"input_cost_per_token_cache_hit", Kind::kCachedInput},
                                      {"input_cost_per_token", Kind::kInput},
                                      {"output_cost_per_token", Kind::kOutput},
                                      {"output_cost_per_reasoning_token", Kind::kReasoning},
                                      {"cache_read_input_token_cost", Kind::kCachedInput},
                                      {"cache_creation_input_token_cost_above_1hr", Kind::kCacheWriteLong},
                                      {"cache_creation_input_token_cost", Kind::kCacheWrite}}};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

template <size_t N>
bool contains_any(std::string_view text, const std::array<std::string_view, N>& parts) {
  return std::any_of(parts.begin(), parts.end(), [text](std::string_view part) { return contains(text, part); });
}

bool is_price(std::string_view key) {
  constexpr std::array<std::string_view, 2> kSigns{"cost", "pric"};
  return contains_any(key, kSigns);
}

/// What the bill is multiplied by where the vendor must stay within a region.
bool is_uplift(std::string_view key) {
  constexpr std::array<std::string_view, 2> kSigns{"uplift", "multiplier"};
  return contains_any(key, kSigns);
}

/// Queries are of text and images, and ask for text; images are billed as tokens of input.
bool is_of_something_else(std::string_view key) {
  constexpr std::array<std::string_view, 14> kOthers{
      "audio",
      "video",
      "character",
      "per_second",
      "per_query",
      "per_page",
      "per_session",
      "per_credit",
      "gb_per_day",
      "1k_calls",
      "output_cost_per_image",
      "output_cost_per_pixel",
      "computer_use",
      "_dbu_"  // the same price once more, in a vendor's own units
  };
  return contains_any(key, kOthers);
}

bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// "_above_200k_tokens", "_flex" and the like, in any order; false: something else.
bool read_conditions(std::string_view rest, PriceKey& key) {
  while (!rest.empty()) {
    if (consume(rest, "_batches")) {
      key.route = "batch";
    } else if (consume(rest, "_flex")) {
      key.service_tier = "flex";
    } else if (consume(rest, "_priority")) {
      key.service_tier = "priority";
    } else if (consume(rest, "_above_")) {
      uint64_t thousands = 0;
      const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), thousands);
      if (error != std::errc() || thousands == 0 || thousands > 1'000'000) return false;
      rest.remove_prefix(static_cast<size_t>(stop - rest.data()));
      if (!consume(rest, "k_tokens")) return false;
      key.above_input_tokens = thousands * 1000;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

PriceKey PriceKey::of(std::string_view key) {
  PriceKey meaning;
  for (const Base& base : kBases) {
    std::string_view rest = key;
    if (!consume(rest, base.key)) continue;
    if (read_conditions(rest, meaning)) {
      meaning.kind = base.kind;
      return meaning;
    }
    return {};
  }
  if (is_uplift(key)) {
    meaning.kind = Kind::kUplift;
    return meaning;
  }
  meaning.kind = is_price(key) && !is_of_something_else(key) ? Kind::kUnknown : Kind::kNotBilled;
  return meaning;
}

}  // namespace harvest::client
