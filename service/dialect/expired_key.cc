#include "service/dialect/expired_key.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "service/dialect/ascii.h"

namespace harvest::dialect {
namespace {

constexpr std::array<std::string_view, 4> kCodes{
    "ExpiredTokenException",  // AWS
    "ExpiredToken",           // AWS's token service
    "ACCESS_TOKEN_EXPIRED",   // Google
    "token_expired",
};

/// "Access token is missing, invalid, audience is incorrect, or has expired" (Entra), "Bearer Token has expired", "API
/// key expired". Nobody speaks so of an account that was closed.
bool says_expired(std::string_view words) {
  return ascii::contains_ignoring_case(words, "expired") &&
         (ascii::contains_ignoring_case(words, "token") || ascii::contains_ignoring_case(words, "api key"));
}

}  // namespace

bool is_expired_key(const Outcome& outcome) {
  if (outcome.kind != v1::HALTED || outcome.halt_cause != HaltCause::kAccess || !outcome.rights_alert.empty())
    return false;
  return std::find(kCodes.begin(), kCodes.end(), outcome.vendor_code) != kCodes.end() || says_expired(outcome.message);
}

}  // namespace harvest::dialect
