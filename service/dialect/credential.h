#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "service/dialect/http_message.h"

namespace harvest::dialect {

/// Signs each request anew. Holds a secret: never logged, never serialized.
class RequestSigner {
 public:
  virtual ~RequestSigner() = default;
  /// The header lines that prove this very request. `host` as in the Host header, `target` as in the request line (path
  /// and query), `utc_us`: now.
  virtual Headers sign(std::string_view method, std::string_view host, std::string_view target, std::string_view body,
                       int64_t utc_us) const = 0;
};

/// What proves to a teacher who asks: a header that is always the same, or a signature. Secret.
struct Credential {
  std::pair<std::string, std::string> header;  ///< name and value; empty: none
  std::shared_ptr<const RequestSigner> signer;
};

}  // namespace harvest::dialect
