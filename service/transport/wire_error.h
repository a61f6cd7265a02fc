#pragma once

#include <curl/curl.h>

#include "service/dialect/http_message.h"

namespace harvest::transport {

/// What we know about a transfer beside libcurl's code.
struct WireFacts {
  bool sent = false;            ///< the request was about to be written, or was
  bool resend_blocked = false;  ///< libcurl wanted to write it a second time
  bool too_large = false;       ///< our cap on headers or body was passed
};

/// libcurl's code → how the exchange ended. Whatever fails before the request was written is kNotConnected: safe to
/// repeat.
dialect::WireError wire_error(CURLcode code, const WireFacts& facts);

}  // namespace harvest::transport
