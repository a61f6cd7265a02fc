#include "service/dialect/openai/openai_batches.h"

#include <utility>

#include "service/dialect/batch_request.h"
#include "service/dialect/json_fields.h"
#include "service/dialect/openai/openai_batch_answers.h"
#include "service/dialect/openai/openai_upload.h"
#include "service/dialect/url_text.h"
#include "service/dialect/vendor_dialect.h"

namespace harvest::dialect {

BatchLimits OpenAiBatches::limits() const {
  // 200 MB with all that goes around the bodies.
  return {.members_max = 50'000, .body_bytes_max = 185'000'000, .window = std::chrono::hours(24)};
}

std::string OpenAiBatches::path(const v1::Teacher&, std::string_view place) const {
  return std::string(place);
}

std::optional<HttpRequest> OpenAiBatches::upload(const v1::Teacher& teacher, const BatchOrder& order) const {
  return openai_upload(path(teacher, "/files"), order, call_, model_of_lines(teacher));
}

HttpRequest OpenAiBatches::create(const v1::Teacher& teacher, const BatchOrder& order, std::string_view file) const {
  std::string body = "{";
  append_text_field(body, "input_file_id", file);
  append_text_field(body, "endpoint", call_);
  append_text_field(body, "completion_window", "24h");
  append_token(body, order);
  body += '}';
  return json_request(path(teacher, "/batches"), std::move(body), false);
}

HttpRequest OpenAiBatches::look(const v1::Teacher& teacher, std::string_view id) const {
  return get_request(path(teacher, "/batches/" + percent_encoded(id)));
}

HttpRequest OpenAiBatches::cancel(const v1::Teacher& teacher, std::string_view id) const {
  return bare_post(path(teacher, "/batches/" + percent_encoded(id) + "/cancel"));
}

HttpRequest OpenAiBatches::list(const v1::Teacher& teacher, std::string_view page) const {
  std::string where = path(teacher, "/batches");
  append_parameter(where, "limit", "100");
  if (!page.empty()) append_parameter(where, "after", page);
  return get_request(std::move(where));
}

std::vector<HttpRequest> OpenAiBatches::fetch(const v1::Teacher& teacher, const BatchStanding& standing) const {
  std::vector<HttpRequest> requests;
  for (const std::string& file : standing.result_files)
    requests.push_back(get_request(path(teacher, "/files/" + percent_encoded(file) + "/content"), {}, "*/*"));
  return requests;
}

std::vector<HttpRequest> OpenAiBatches::clean_up(const v1::Teacher& teacher, const BatchStanding& standing) const {
  std::vector<HttpRequest> requests;
  if (!standing.input_file.empty())
    requests.push_back(delete_request(path(teacher, "/files/" + percent_encoded(standing.input_file))));
  for (const std::string& file : standing.result_files)
    requests.push_back(delete_request(path(teacher, "/files/" + percent_encoded(file))));
  return requests;
}

absl::StatusOr<std::string> OpenAiBatches::read_file(std::string_view body) const {
  return read_openai_file(body);
}

absl::StatusOr<BatchStanding> OpenAiBatches::read_standing(std::string_view body) const {
  return read_openai_standing(body);
}

absl::StatusOr<BatchPage> OpenAiBatches::read_page(std::string_view body, std::string_view) const {
  return read_openai_page(body);
}

absl::StatusOr<std::vector<BatchResult>> OpenAiBatches::read_results(std::string_view body) const {
  return read_openai_results(body);
}

}  // namespace harvest::dialect
