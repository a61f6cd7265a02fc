#include "service/dialect/gemini/gemini_batches.h"

#include <array>
#include <utility>

#include "service/dialect/ascii.h"
#include "service/dialect/batch_request.h"
#include "service/dialect/batch_standing.h"
#include "service/dialect/gemini/gemini_address.h"
#include "service/dialect/gemini/gemini_batch_results.h"
#include "service/dialect/gemini/rpc_code.h"
#include "service/dialect/json_fields.h"
#include "service/dialect/url_text.h"
#include "service/dialect/vendor_dialect.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;
using Stage = BatchStanding::Stage;

constexpr std::string_view kOurs = "harvest-";

/// Behind BATCH_STATE_ or JOB_STATE_. Others (PENDING, RUNNING) are of batches that run.
constexpr std::array<StageWord, 5> kWords{{{"SUCCEEDED", Stage::kEnded},
                                           {"PARTIALLY_SUCCEEDED", Stage::kEnded},
                                           {"CANCELLED", Stage::kEnded},
                                           {"EXPIRED", Stage::kEnded},
                                           {"FAILED", Stage::kFailed}}};

/// The operation's error: google.rpc.Status.
void read_complaint(const dom::object& operation, BatchStanding& standing) {
  constexpr uint64_t kResourceExhausted = 8;
  constexpr uint64_t kTooManyRequests = 429;
  dom::object error;
  if (!object_at(operation, "error", error)) return;
  const uint64_t number = count_at(error, "code");
  BatchStanding::Complaint complaint = complaint_in(error, rpc_code(static_cast<int64_t>(number)).http);
  complaint.code = vendor_code(string_at(error, "status"));
  if (complaint.code.empty()) complaint.code = std::to_string(number);
  standing.complaints.push_back(std::move(complaint));
  standing.queue_full =
      standing.stage == Stage::kFailed && (number == kResourceExhausted || number == kTooManyRequests);
}

/// Results are told in one of two places, or both alike.
void read_output(const dom::object& output, BatchStanding& standing) {
  if (!standing.result_files.empty()) return;
  if (const std::string_view file = string_at(output, "responsesFile"); !file.empty())
    standing.result_files.emplace_back(file);
  if (standing.stage == Stage::kFailed && truthy_at(output, "inlinedResponses")) standing.stage = Stage::kEnded;
}

BatchStanding read_operation(const dom::object& operation) {
  BatchStanding standing;
  standing.id = string_at(operation, "name");
  dom::object batch = operation, inner;  // what it is about; a batch may also be told bare
  object_at(operation, "metadata", batch);
  standing.vendor_status = string_at(batch, "state");
  std::string_view word = standing.vendor_status;
  if (!ascii::consume(word, "BATCH_STATE_")) ascii::consume(word, "JOB_STATE_");
  standing.stage = stage_of(word, kWords);
  std::string_view name = string_at(batch, "displayName");
  if (ascii::consume(name, kOurs)) standing.token = name;
  standing.created_at_us = date_at(batch, "createTime");
  uint64_t answered = 0;
  if (object_at(batch, "batchStats", inner)) {
    standing.members = count_at(inner, "requestCount");
    answered = count_at(inner, "successfulRequestCount");
  }
  if (object_at(batch, "output", inner)) read_output(inner, standing);
  if (object_at(operation, "response", inner)) read_output(inner, standing);
  settle(standing, answered);
  read_complaint(operation, standing);
  return standing;
}

std::string path_of(std::string_view id, std::string_view method = "") {
  ascii::consume(id, "batches/");
  return "/batches/" + percent_encoded(id) + std::string(method);
}

}  // namespace

BatchLimits GeminiBatches::limits() const {
  // A body below 20 MB with all that goes around; a day is the aim, two are the end.
  return {.members_max = 10'000, .body_bytes_max = 18'000'000, .window = std::chrono::hours(48)};
}

HttpRequest GeminiBatches::create(const v1::Teacher& teacher, const BatchOrder& order, std::string_view) const {
  constexpr size_t kAround = 40;
  std::string body = "{\"batch\":{";
  body.reserve(bytes_of(order, kAround) + 1024);
  append_text_field(body, "displayName", std::string(kOurs) + std::string(order.token));
  body += ",\"inputConfig\":{\"requests\":{\"requests\":[";
  for (const BatchMember& member : order.members) {
    begin_element(body);
    append_raw_field(body, "request", member.request.body);
    begin_object(body, "metadata");
    append_text_field(body, "key", member.custom_id);
    body += "}}";
  }
  body += "]}}}}";
  return json_request(gemini_model_path(teacher.model(), ":batchGenerateContent"), std::move(body), false);
}

HttpRequest GeminiBatches::look(const v1::Teacher&, std::string_view id) const {
  return get_request(path_of(id));
}

HttpRequest GeminiBatches::cancel(const v1::Teacher&, std::string_view id) const {
  return json_request(path_of(id, ":cancel"), "{}", false);
}

HttpRequest GeminiBatches::list(const v1::Teacher&, std::string_view page) const {
  std::string path = "/batches";
  append_parameter(path, "pageSize", "100");
  if (!page.empty()) append_parameter(path, "pageToken", page);
  return get_request(std::move(path));
}

std::vector<HttpRequest> GeminiBatches::fetch(const v1::Teacher& teacher, const BatchStanding& standing) const {
  if (standing.result_files.empty()) return {look(teacher, standing.id)};
  std::vector<HttpRequest> requests;
  for (std::string_view file : standing.result_files) {
    ascii::consume(file, "files/");
    requests.push_back(get_request("/files/" + percent_encoded(file) + ":download?alt=media", {}, "*/*"));
  }
  return requests;
}

absl::StatusOr<BatchStanding> GeminiBatches::read_standing(std::string_view body) const {
  return read_one_standing(body, read_operation);
}

absl::StatusOr<BatchPage> GeminiBatches::read_page(std::string_view body, std::string_view) const {
  const JsonBody json(body);
  if (!json.is_object()) return absl::InvalidArgumentError("batches: expected an object, " + json.error());
  // What is empty is left out there, and an empty page need not be the last.
  absl::StatusOr<BatchPage> page = BatchPage();
  if (json.object().at_key("operations").error() != simdjson::NO_SUCH_FIELD)
    page = read_standings(json.object(), "operations", read_operation);
  if (page.ok()) page->next = string_at(json.object(), "nextPageToken");
  return page;
}

absl::StatusOr<std::vector<BatchResult>> GeminiBatches::read_results(std::string_view body) const {
  return read_gemini_results(body);
}

}  // namespace harvest::dialect
