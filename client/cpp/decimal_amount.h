#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace harvest::client {

/// A vendor's decimal in dollars as picodollars: "12.5", "-0.25", "1.5e-07", "0E-6176". What is finer than a picodollar
/// is rounded, half away from zero. `unit`: the power of ten that one of it is in dollars (-2: cents). Vendors write
/// more than text::parse_usd takes, which reads what people write. Pure; INVALID_ARGUMENT: no number, or too large.
absl::StatusOr<int64_t> decimal_amount(std::string_view decimal, int unit = 0);

}  // namespace harvest::client
