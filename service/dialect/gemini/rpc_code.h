#pragma once

#include <cstdint>
#include <string_view>

namespace harvest::dialect {

/// One of google.rpc.Code's values, and the HTTP status that it comes with (google/rpc/code.proto).
struct RpcCode {
  int http = 500;
  std::string_view name;  ///< empty: the number was an HTTP status itself
};

/// By number, as errors inside answers carry it, or by an HTTP status in its place.
RpcCode rpc_code(int64_t number);
/// The HTTP status of a code by its name; 500 where there is no such.
int http_of_rpc(std::string_view name);

}  // namespace harvest::dialect
