#include "service/flow/purses.h"

#include <optional>

#include "proto/text/money.h"

namespace harvest::flow {

namespace {

absl::Status read(const std::string& usd, std::optional<int64_t>& cap) {
  if (usd.empty()) return absl::OkStatus();
  auto parsed = text::parse_usd(usd);
  if (parsed.ok()) cap = *parsed;
  return parsed.status();
}

}  // namespace

absl::StatusOr<limit::Purse::Caps> purse_caps(const std::string& usd_per_day, const std::string& usd_per_month) {
  limit::Purse::Caps caps;
  if (absl::Status status = read(usd_per_day, caps.day); !status.ok()) return status;
  if (absl::Status status = read(usd_per_month, caps.month); !status.ok()) return status;
  return caps;
}

}  // namespace harvest::flow
