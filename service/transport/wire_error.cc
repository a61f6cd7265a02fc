#include "service/transport/wire_error.h"

namespace harvest::transport {

using dialect::WireError;

WireError wire_error(CURLcode code, const WireFacts& facts) {
  if (code == CURLE_OK) return WireError::kNone;
  if (facts.resend_blocked) return WireError::kResendBlocked;
  if (facts.too_large) return WireError::kTooLarge;
  if (!facts.sent) {
    const bool bad_url = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
    return bad_url ? WireError::kBadRequest : WireError::kNotConnected;
  }
  return code == CURLE_OPERATION_TIMEDOUT ? WireError::kTimeout : WireError::kReset;
}

}  // namespace harvest::transport
