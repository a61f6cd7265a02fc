#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace harvest::s3 {

/// s3://BUCKET/PREFIX: where objects lie.
struct Place {
  std::string bucket;
  std::string prefix;  ///< without a slash at either end; empty: the bucket's top

  /// The full key of what is called `name` here.
  std::string key(const std::string& name) const;
  /// For messages.
  std::string text(const std::string& name) const;
};

/// INVALID_ARGUMENT says what was found and what was expected.
absl::StatusOr<Place> parse_place(const std::string& url);

/// http(s)://HOST[:PORT] and nothing after it. INVALID_ARGUMENT; FAILED_PRECONDITION where it is another machine in the
/// clear and `in_the_clear` was not said.
absl::Status check_endpoint(const std::string& endpoint, bool in_the_clear);

/// Percent-encoded as signatures want it: all but letters, digits, - . _ ~ and, in a path, the slash.
std::string encode(const std::string& text, bool path);

}  // namespace harvest::s3
