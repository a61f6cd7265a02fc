#include "service/dialect/token_count.h"

#include <cmath>

namespace harvest::dialect {
namespace {

constexpr uint64_t kTokensMax = 1'000'000'000;

}  // namespace

std::optional<uint64_t> token_count_at(const simdjson::dom::object& object, std::string_view key) {
  simdjson::dom::element value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS) return std::nullopt;
  if (uint64_t count; value.get(count) == simdjson::SUCCESS) {
    if (count > kTokensMax) return std::nullopt;
    return count;
  }
  // Some servers write 12.0.
  double number;
  if (value.get(number) != simdjson::SUCCESS || !(number >= 0 && number <= kTokensMax) || number != std::floor(number))
    return std::nullopt;
  return static_cast<uint64_t>(number);
}

}  // namespace harvest::dialect
