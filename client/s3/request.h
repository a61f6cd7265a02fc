#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace harvest::s3 {

/// One call of the S3 interface, before it is signed.
struct Request {
  std::string method;                ///< GET, HEAD, PUT, POST
  std::string key;                   ///< of an object, as it is called; empty: the bucket itself
  std::string query;                 ///< percent-encoded, sorted by name, each with its "=", as its signature wants it
  std::vector<std::string> headers;  ///< "name: value"; signed as well
  std::string_view body{};           ///< lent until the call returns
};

struct Reply {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in small letters
  std::string body;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

/// Carries one request to one bucket, once. Any HTTP status is a Reply; a Status is what kept it from being answered.
class Wire {
 public:
  virtual ~Wire() = default;
  /// Blocking. UNAVAILABLE: no answer, the connection broke; PERMISSION_DENIED: its certificate is not trusted;
  /// CANCELLED: told to stop.
  virtual absl::StatusOr<Reply> send(const Request& request) = 0;
};

}  // namespace harvest::s3
