#include "service/dialect/openai/mistral_batches.h"

#include <array>
#include <charconv>
#include <utility>

#include "service/dialect/batch_request.h"
#include "service/dialect/batch_standing.h"
#include "service/dialect/json_fields.h"
#include "service/dialect/openai/openai_batch_answers.h"
#include "service/dialect/openai/openai_upload.h"
#include "service/dialect/url_text.h"
#include "service/dialect/vendor_dialect.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;
using Stage = BatchStanding::Stage;

constexpr uint64_t kPageSize = 100;
constexpr uint64_t kPagesMax = 1'000'000;  // so that their products stay numbers
constexpr int kHours = 24;

/// Others (QUEUED, RUNNING, CANCELLATION_REQUESTED) are of jobs that run.
constexpr std::array<StageWord, 4> kMistralStages{{{"SUCCESS", Stage::kEnded},
                                                   {"TIMEOUT_EXCEEDED", Stage::kEnded},
                                                   {"CANCELLED", Stage::kEnded},
                                                   {"FAILED", Stage::kFailed}}};

void read_job_complaints(const dom::object& job, BatchStanding& standing) {
  dom::array errors;
  if (job.at_key("errors").get(errors) != simdjson::SUCCESS) return;
  for (const dom::element element : errors)
    if (dom::object error; element.get(error) == simdjson::SUCCESS) standing.complaints.push_back(complaint_in(error));
}

BatchStanding read_job(const dom::object& job) {
  BatchStanding standing;
  standing.id = string_at(job, "id");
  standing.vendor_status = string_at(job, "status");
  standing.stage = stage_of(standing.vendor_status, kMistralStages);
  standing.created_at_us = unix_time_at(job, "created_at");
  standing.members = count_at(job, "total_requests");
  if (dom::object metadata; object_at(job, "metadata", metadata)) standing.token = string_at(metadata, kTokenKey);
  for (const std::string_view key : {"output_file", "error_file"})
    if (const std::string_view file = string_at(job, key); !file.empty()) standing.result_files.emplace_back(file);
  settle(standing, count_at(job, "succeeded_requests"));
  read_job_complaints(job, standing);
  return standing;
}

/// Pages count from 0.
uint64_t number_of(std::string_view page) {
  uint64_t number = 0;
  std::from_chars(page.data(), page.data() + page.size(), number);
  return number;
}

}  // namespace

BatchLimits MistralBatches::limits() const {
  // Fewer than ten thousand where they go with the job. How large a body it takes is not said.
  return {.members_max = 9'999, .body_bytes_max = 32'000'000, .window = std::chrono::hours(kHours)};
}

HttpRequest MistralBatches::create(const v1::Teacher& teacher, const BatchOrder& order, std::string_view) const {
  constexpr size_t kAround = 40;
  std::string body = "{";
  body.reserve(bytes_of(order, kAround) + 1024);
  append_text_field(body, "endpoint", "/v1/chat/completions");
  append_text_field(body, "model", teacher.model());
  append_number_field(body, "timeout_hours", int64_t{kHours});
  append_token(body, order);
  append_raw_field(body, "requests", "[");
  for (const BatchMember& member : order.members) {
    begin_element(body);
    append_text_field(body, "custom_id", member.custom_id);
    append_raw_field(body, "body", member.request.body);
    body += '}';
  }
  body += "]}";
  return json_request("/batch/jobs", std::move(body), false);
}

HttpRequest MistralBatches::look(const v1::Teacher&, std::string_view id) const {
  return get_request("/batch/jobs/" + percent_encoded(id));
}

HttpRequest MistralBatches::cancel(const v1::Teacher&, std::string_view id) const {
  return bare_post("/batch/jobs/" + percent_encoded(id) + "/cancel");
}

HttpRequest MistralBatches::list(const v1::Teacher&, std::string_view page) const {
  std::string path = "/batch/jobs";
  append_parameter(path, "page", std::to_string(number_of(page)));
  append_parameter(path, "page_size", std::to_string(kPageSize));
  append_parameter(path, "order_by", "-created");
  return get_request(std::move(path));
}

std::vector<HttpRequest> MistralBatches::fetch(const v1::Teacher&, const BatchStanding& standing) const {
  std::vector<HttpRequest> requests;
  for (const std::string& file : standing.result_files)
    requests.push_back(get_request("/files/" + percent_encoded(file) + "/content", {}, "*/*"));
  return requests;
}

std::vector<HttpRequest> MistralBatches::clean_up(const v1::Teacher&, const BatchStanding& standing) const {
  std::vector<HttpRequest> requests;
  for (const std::string& file : standing.result_files)
    requests.push_back(delete_request("/files/" + percent_encoded(file)));
  return requests;
}

absl::StatusOr<BatchStanding> MistralBatches::read_standing(std::string_view body) const {
  return read_one_standing(body, read_job);
}

absl::StatusOr<BatchPage> MistralBatches::read_page(std::string_view body, std::string_view page) const {
  const JsonBody json(body);
  if (!json.is_object()) return absl::InvalidArgumentError("batches: expected an object, " + json.error());
  absl::StatusOr<BatchPage> read = read_standings(json.object(), "data", read_job);
  if (!read.ok()) return read;
  const uint64_t next = number_of(page) + 1;
  // Where the total is not told, a page that is full may have another behind it.
  const uint64_t total = count_at(json.object(), "total");
  const bool more = total > 0 ? total > next * kPageSize : read->batches.size() >= kPageSize;
  if (!read->batches.empty() && more && next < kPagesMax) read->next = std::to_string(next);
  return read;
}

absl::StatusOr<std::vector<BatchResult>> MistralBatches::read_results(std::string_view body) const {
  return read_mistral_results(body);
}

}  // namespace harvest::dialect
