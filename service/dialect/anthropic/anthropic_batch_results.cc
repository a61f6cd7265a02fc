#include "service/dialect/anthropic/anthropic_batch_results.h"

#include <algorithm>
#include <array>
#include <utility>

#include "service/dialect/batch_results.h"

namespace harvest::dialect {
namespace {

using raw_json::member;

constexpr int kServerError = 500;

constexpr std::array<std::pair<std::string_view, int>, 10> kStatuses{{{"invalid_request_error", 400},
                                                                      {"authentication_error", 401},
                                                                      {"billing_error", 402},
                                                                      {"permission_error", 403},
                                                                      {"not_found_error", 404},
                                                                      {"conflict_error", 409},
                                                                      {"request_too_large", 413},
                                                                      {"rate_limit_error", 429},
                                                                      {"timeout_error", 504},
                                                                      {"overloaded_error", 529}}};

int status_of(std::string_view type) {
  const auto* const found =
      std::find_if(kStatuses.begin(), kStatuses.end(), [&](const auto& one) { return one.first == type; });
  return found == kStatuses.end() ? kServerError : found->second;
}

/// `result.error` is the body that the call would have brought, or (in older results) the error within it.
BatchResult read_errored(std::string custom_id, ResultObject& result) {
  ResultObject envelope, error;
  if (!member(result, "error", envelope)) return done_member(std::move(custom_id), kServerError, "");
  const bool whole = member(envelope, "error", error);
  const int status = status_of(text_in(whole ? error : envelope, "type"));
  std::string body = body_in(result, "error");
  if (!whole) body = "{\"type\":\"error\",\"error\":" + body + "}";
  return done_member(std::move(custom_id), status, std::move(body));
}

std::optional<BatchResult> read_line(ResultObject& line) {
  std::string custom_id = text_in(line, "custom_id");
  if (custom_id.empty()) return std::nullopt;
  ResultObject result;
  if (!member(line, "result", result)) return done_member(std::move(custom_id), kServerError, "");
  const std::string type = text_in(result, "type");
  if (type == "canceled" || type == "expired") return member_not_asked(std::move(custom_id));
  if (type == "errored") return read_errored(std::move(custom_id), result);
  return done_member(std::move(custom_id), 200, body_in(result, "message"));
}

}  // namespace

absl::StatusOr<std::vector<BatchResult>> read_anthropic_results(std::string_view body) {
  return read_result_lines(body, "custom_id", read_line);
}

}  // namespace harvest::dialect
