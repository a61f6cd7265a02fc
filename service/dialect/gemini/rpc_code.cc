#include "service/dialect/gemini/rpc_code.h"

#include <algorithm>
#include <array>

namespace harvest::dialect {
namespace {

constexpr std::array<RpcCode, 17> kCodes{{{500, "OK"},
                                          {499, "CANCELLED"},
                                          {500, "UNKNOWN"},
                                          {400, "INVALID_ARGUMENT"},
                                          {504, "DEADLINE_EXCEEDED"},
                                          {404, "NOT_FOUND"},
                                          {409, "ALREADY_EXISTS"},
                                          {403, "PERMISSION_DENIED"},
                                          {429, "RESOURCE_EXHAUSTED"},
                                          {400, "FAILED_PRECONDITION"},
                                          {409, "ABORTED"},
                                          {400, "OUT_OF_RANGE"},
                                          {501, "UNIMPLEMENTED"},
                                          {500, "INTERNAL"},
                                          {503, "UNAVAILABLE"},
                                          {500, "DATA_LOSS"},
                                          {401, "UNAUTHENTICATED"}}};
constexpr RpcCode kUnknown = kCodes[2];

}  // namespace

RpcCode rpc_code(int64_t number) {
  constexpr int kHttpFailure = 400;
  if (number >= 0 && number < static_cast<int64_t>(kCodes.size())) return kCodes[static_cast<size_t>(number)];
  return number >= kHttpFailure && number < 600 ? RpcCode{static_cast<int>(number), ""} : kUnknown;
}

int http_of_rpc(std::string_view name) {
  const auto* const found =
      std::find_if(kCodes.begin(), kCodes.end(), [&](const RpcCode& code) { return code.name == name; });
  return found == kCodes.end() ? kUnknown.http : found->http;
}

}  // namespace harvest::dialect
