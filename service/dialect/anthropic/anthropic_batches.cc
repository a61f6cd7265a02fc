#include "service/dialect/anthropic/anthropic_batches.h"

#include <array>
#include <utility>

#include "service/dialect/anthropic/anthropic_address.h"
#include "service/dialect/anthropic/anthropic_batch_results.h"
#include "service/dialect/batch_request.h"
#include "service/dialect/batch_standing.h"
#include "service/dialect/json_fields.h"
#include "service/dialect/url_text.h"
#include "service/dialect/vendor_dialect.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;
using Stage = BatchStanding::Stage;

/// Others (in_progress, canceling) are of batches that run. None fails as a whole.
constexpr std::array<StageWord, 1> kStageWords{{{"ended", Stage::kEnded}}};

BatchStanding read_batch(const dom::object& batch) {
  BatchStanding standing;
  standing.id = string_at(batch, "id");
  standing.vendor_status = string_at(batch, "processing_status");
  standing.stage = stage_of(standing.vendor_status, kStageWords);
  standing.created_at_us = date_at(batch, "created_at");
  if (dom::object counts; object_at(batch, "request_counts", counts))
    for (const std::string_view key : {"processing", "succeeded", "errored", "canceled", "expired"})
      standing.members += count_at(counts, key);
  settle(standing);
  return standing;
}

std::string path_of(const v1::Teacher& teacher, std::string_view id, std::string_view place = "") {
  return anthropic_path(teacher, "/messages/batches/" + percent_encoded(id) + std::string(place));
}

}  // namespace

BatchLimits AnthropicBatches::limits() const {
  // 256 MB with all that goes around the bodies.
  return {.members_max = 100'000, .body_bytes_max = 235'000'000, .window = std::chrono::hours(24)};
}

HttpRequest AnthropicBatches::create(const v1::Teacher& teacher, const BatchOrder& order, std::string_view) const {
  constexpr size_t kAround = 40;
  std::string body = "{\"requests\":[";
  body.reserve(bytes_of(order, kAround) + kAround);
  for (const BatchMember& member : order.members) {
    begin_element(body);
    append_text_field(body, "custom_id", member.custom_id);
    append_raw_field(body, "params", member.request.body);
    body += '}';
  }
  body += "]}";
  HttpRequest request = json_request(anthropic_path(teacher, "/messages/batches"), std::move(body), false);
  Headers headers = *request.headers;
  for (auto& header : anthropic_version(teacher)) headers.push_back(std::move(header));
  request.headers = shared_headers(std::move(headers));
  return request;
}

HttpRequest AnthropicBatches::look(const v1::Teacher& teacher, std::string_view id) const {
  return get_request(path_of(teacher, id), anthropic_version(teacher));
}

HttpRequest AnthropicBatches::cancel(const v1::Teacher& teacher, std::string_view id) const {
  return bare_post(path_of(teacher, id, "/cancel"), anthropic_version(teacher));
}

HttpRequest AnthropicBatches::list(const v1::Teacher& teacher, std::string_view page) const {
  std::string path = anthropic_path(teacher, "/messages/batches");
  append_parameter(path, "limit", "100");
  if (!page.empty()) append_parameter(path, "after_id", page);
  return get_request(std::move(path), anthropic_version(teacher));
}

std::vector<HttpRequest> AnthropicBatches::fetch(const v1::Teacher& teacher, const BatchStanding& standing) const {
  return {get_request(path_of(teacher, standing.id, "/results"), anthropic_version(teacher), "*/*")};
}

absl::StatusOr<BatchStanding> AnthropicBatches::read_standing(std::string_view body) const {
  return read_one_standing(body, read_batch);
}

absl::StatusOr<BatchPage> AnthropicBatches::read_page(std::string_view body, std::string_view) const {
  return read_after_last(body, read_batch);
}

absl::StatusOr<std::vector<BatchResult>> AnthropicBatches::read_results(std::string_view body) const {
  return read_anthropic_results(body);
}

}  // namespace harvest::dialect
