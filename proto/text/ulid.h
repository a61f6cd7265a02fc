#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace harvest::text {

/// 16 bytes: 48 bits of UTC milliseconds, then 80 random bits; bytes sort as time. As text 26 characters of Crockford's
/// base 32. Ids that leave the house are random ULIDs behind a prefix: j_ (job), r_ (record).
using Ulid = std::array<uint8_t, 16>;

constexpr size_t kUlidTextBytes = 26;

/// Makes ULIDs; random bits come from the kernel, fetched for many at once (tens of ns each). One owner, one thread.
class UlidSource {
 public:
  Ulid next(int64_t utc_us);
  /// prefix + text, e.g. next_id("j_", now) → "j_01J…".
  std::string next_id(std::string_view prefix, int64_t utc_us);

 private:
  static constexpr size_t kRandomBytes = 10;  // of one ULID
  std::array<uint8_t, 128 * kRandomBytes> pool_;
  size_t used_ = sizeof(pool_);
};

/// From given random bytes: for tests and simulations.
Ulid make_ulid(int64_t utc_us, const std::array<uint8_t, 10>& random);

int64_t utc_ms_of(const Ulid& ulid);

std::string to_text(const Ulid& ulid);
std::string to_id(std::string_view prefix, const Ulid& ulid);

/// Either case; I, L and O are not taken for digits. INVALID_ARGUMENT says what was expected.
absl::StatusOr<Ulid> parse_ulid(std::string_view text);
absl::StatusOr<Ulid> parse_id(std::string_view prefix, std::string_view id);

/// As the store keeps it in a bytes field.
std::string to_bytes(const Ulid& ulid);
absl::StatusOr<Ulid> ulid_of_bytes(std::string_view bytes);

}  // namespace harvest::text
