#pragma once

#include <string_view>

namespace teachersim {

/// What a client sent, as far as a teacher looks at it. The views are valid during the call only.
struct Call {
  std::string_view method;
  std::string_view path;        // without the query string, still percent-encoded
  std::string_view credential;  // of "Authorization: Bearer" or "api-key"
  std::string_view body;
  int endpoint = 0;
  std::string_view query = {};    // what follows the path's '?'
  std::string_view headers = {};  // the header lines as they came, each ended by CRLF

  /// The value of a header, whatever the case of its name; empty when it was not sent.
  std::string_view header(std::string_view name) const;
};

/// Who a call says it comes from.
struct Identity {
  std::string_view key;  // to be compared with the keys of the account
  bool proven = false;   // by a signature: nothing is left to compare
  bool refused = false;  // what was to prove it does not hold
};

}  // namespace teachersim
