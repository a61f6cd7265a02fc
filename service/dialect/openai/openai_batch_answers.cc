#include "service/dialect/openai/openai_batch_answers.h"

#include <array>
#include <utility>

#include "service/dialect/ascii.h"
#include "service/dialect/batch_results.h"
#include "service/dialect/batch_standing.h"
#include "service/dialect/json_body.h"
#include "service/dialect/json_text.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;
using Stage = BatchStanding::Stage;

/// Others (validating, in_progress, finalizing, cancelling) are of batches that run.
constexpr std::array<StageWord, 4> kOpenAiStages{{{"completed", Stage::kEnded},
                                                  {"expired", Stage::kEnded},
                                                  {"cancelled", Stage::kEnded},
                                                  {"failed", Stage::kFailed}}};

/// The queue takes so many tokens a model; the code for it is not the only one that Azure has.
bool says_queue_full(const BatchStanding::Complaint& complaint) {
  return complaint.code == "token_limit_exceeded" ||
         (complaint.line == 0 && ascii::contains_ignoring_case(complaint.message, "enqueued token"));
}

void read_batch_complaints(const dom::object& batch, BatchStanding& standing) {
  dom::object errors;
  dom::array list;
  if (!object_at(batch, "errors", errors) || errors.at_key("data").get(list) != simdjson::SUCCESS) return;
  for (const dom::element element : list) {
    dom::object error;
    if (element.get(error) != simdjson::SUCCESS) continue;
    standing.complaints.push_back(complaint_in(error));
    standing.queue_full |= standing.stage == Stage::kFailed && says_queue_full(standing.complaints.back());
  }
}

BatchStanding read_batch(const dom::object& batch) {
  BatchStanding standing;
  standing.id = string_at(batch, "id");
  standing.vendor_status = string_at(batch, "status");
  standing.stage = stage_of(standing.vendor_status, kOpenAiStages);
  standing.created_at_us = unix_time_at(batch, "created_at");
  dom::object inner;
  if (object_at(batch, "metadata", inner)) standing.token = string_at(inner, kTokenKey);
  uint64_t answered = 0;
  if (object_at(batch, "request_counts", inner)) {
    standing.members = count_at(inner, "total");
    answered = count_at(inner, "completed");
  }
  standing.input_file = string_at(batch, "input_file_id");
  for (const std::string_view key : {"output_file_id", "error_file_id"})
    if (const std::string_view file = string_at(batch, key); !file.empty()) standing.result_files.emplace_back(file);
  settle(standing, answered);
  read_batch_complaints(batch, standing);
  return standing;
}

bool openai_not_asked(ResultObject& error) {
  const std::string code = text_in(error, "code");
  return code == "batch_expired" || code == "batch_cancelled";
}

/// Mistral has no code for it; whatever its interface says online has a type or a code.
bool mistral_not_asked(ResultObject& error) {
  return text_in(error, "type").empty() && text_in(error, "code").empty() && !number_in(error, "code");
}

/// Does this error say that its member's turn never came?
using NotAsked = bool (*)(ResultObject& error);

/// A line without a response of HTTP's kind.
BatchResult read_unanswered(std::string custom_id, ResultObject& line, NotAsked not_asked) {
  constexpr int kServerError = 500;
  ResultObject error;
  std::string body = "{\"error\":";
  if (raw_json::member(line, "error", error)) {
    if (not_asked(error)) return member_not_asked(std::move(custom_id));
    body += body_in(line, "error");
  } else {
    json_text::append_string(body, text_in(line, "error"));
  }
  return done_member(std::move(custom_id), kServerError, body + '}');
}

template <NotAsked kNotAsked>
std::optional<BatchResult> read_line(ResultObject& line) {
  std::string custom_id = text_in(line, "custom_id");
  if (custom_id.empty()) return std::nullopt;
  ResultObject response;
  if (!raw_json::member(line, "response", response)) return read_unanswered(std::move(custom_id), line, kNotAsked);
  const int64_t status = number_in(response, "status_code").value_or(200);
  std::string request_id = text_in(response, "request_id");
  BatchResult result = done_member(std::move(custom_id), status, body_in(response, "body"));
  if (!request_id.empty()) result.exchange.headers.emplace_back("x-request-id", std::move(request_id));
  return result;
}

}  // namespace

absl::StatusOr<std::string> read_openai_file(std::string_view body) {
  const JsonBody json(body);
  std::string id;
  if (json.is_object()) id = string_at(json.object(), "id");
  if (id.empty()) return absl::InvalidArgumentError("file: it has no name");
  return id;
}

absl::StatusOr<BatchStanding> read_openai_standing(std::string_view body) {
  return read_one_standing(body, read_batch);
}

absl::StatusOr<BatchPage> read_openai_page(std::string_view body) {
  return read_after_last(body, read_batch);
}

absl::StatusOr<std::vector<BatchResult>> read_openai_results(std::string_view body) {
  return read_result_lines(body, "custom_id", read_line<openai_not_asked>);
}

absl::StatusOr<std::vector<BatchResult>> read_mistral_results(std::string_view body) {
  return read_result_lines(body, "custom_id", read_line<mistral_not_asked>);
}

}  // namespace harvest::dialect
