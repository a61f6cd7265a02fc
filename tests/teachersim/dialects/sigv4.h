#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/teachersim/dialects/call.h"

namespace teachersim {

/// What a client of AWS signs with.
struct AwsKey {
  std::string id;
  std::string secret;
};

/// Does the call bear "Authorization: AWS4-HMAC-SHA256 …"?
bool is_signed(const Call& call);

/// Was it signed with one of the keys? The signature is computed anew from the method, the path (encoded once more),
/// the query, the signed headers and the body. The age of a signature is not looked at: nobody here knows the time.
bool signature_holds(const Call& call, const std::vector<AwsKey>& keys);

}  // namespace teachersim
