#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "service/dialect/http_message.h"

namespace harvest::dialect {

/// A key of AWS. Secret: never logged, never serialized.
struct AwsKey {
  std::string id, secret;
  std::string session_token;  ///< of a temporary key; empty: a lasting one
};

/// What a signature is good for, beside its day.
struct AwsScope {
  std::string_view region, service;
};

/// AWS Signature Version 4: the header lines that prove this request to be the key owner's. Host, time, session token,
/// method, target and body are signed. `target`: path and query as in the request line, encoded already; the path is
/// signed encoded once more, as all services but S3 expect.
Headers sigv4_headers(const AwsKey& key, const AwsScope& scope, std::string_view method, std::string_view host,
                      std::string_view target, std::string_view body, int64_t utc_us);

}  // namespace harvest::dialect
