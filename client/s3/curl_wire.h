#pragma once

#include <functional>
#include <string>
#include <utility>

#include "client/s3/credentials.h"
#include "client/s3/request.h"

namespace harvest::s3 {

struct CurlWireOptions {
  std::string endpoint;  ///< checked by check_endpoint()
  std::string region;
  std::string bucket;
  std::string ca_file;  ///< PEM; empty: who the system trusts
  Credentials credentials;
  std::function<bool()> go_on;  ///< asked a few times a second; empty: always
};

/// libcurl, signing with Signature Version 4 (CURLOPT_AWS_SIGV4). The bucket stands in the path, which every
/// S3-compatible server understands; https is verified; no redirect is followed, for a signature is for one host; no
/// proxy to loopback. Bodies are signed with their SHA-256, so that the bucket checks what it gets.
class CurlWire final : public Wire {
 public:
  explicit CurlWire(CurlWireOptions options) : options_(std::move(options)) {}
  absl::StatusOr<Reply> send(const Request& request) override;

 private:
  CurlWireOptions options_;
};

}  // namespace harvest::s3
