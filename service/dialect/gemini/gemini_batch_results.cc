#include "service/dialect/gemini/gemini_batch_results.h"

#include <utility>

#include "service/dialect/batch_results.h"
#include "service/dialect/gemini/rpc_code.h"
#include "service/dialect/json_body.h"
#include "service/dialect/json_fields.h"
#include "service/dialect/lines.h"

namespace harvest::dialect {
namespace {

using raw_json::member;

BatchResult read_error(std::string custom_id, ResultObject& error, bool ended_early) {
  const RpcCode code = rpc_code(number_in(error, "code").value_or(-1));
  // Out of time where the batch itself was: this member's turn never came.
  if (code.http == 499 || (ended_early && code.http == 504)) return member_not_asked(std::move(custom_id));
  std::string body = "{\"error\":{";
  append_number_field(body, "code", int64_t{code.http});
  append_text_field(body, "message", text_in(error, "message"));
  const std::string name = text_in(error, "status");
  if (!name.empty() || !code.name.empty()) append_text_field(body, "status", name.empty() ? code.name : name);
  append_raw_field(body, "details", "[" + raw_json::inside_list(error, "details") + "]}}");
  return done_member(std::move(custom_id), code.http, std::move(body));
}

template <bool kEndedEarly>
std::optional<BatchResult> read_one(ResultObject& one) {
  std::string custom_id = text_in(one, "key");
  ResultObject inner;
  if (custom_id.empty() && member(one, "metadata", inner)) custom_id = text_in(inner, "key");
  if (custom_id.empty()) return std::nullopt;
  std::string body = body_in(one, "response");
  if (body.empty() && (member(one, "error", inner) || member(one, "status", inner)))
    return read_error(std::move(custom_id), inner, kEndedEarly);
  return done_member(std::move(custom_id), 200, std::move(body));
}

/// Its lists are wrapped in objects of the same name.
std::vector<BatchResult> read_output_results(ResultObject& output, ReadResult read) {
  std::vector<BatchResult> results;
  ResultObject wrapped;
  const bool inside = member(output, "inlinedResponses", wrapped);
  raw_json::each_object(inside ? wrapped : output, "inlinedResponses", [&](ResultObject& one) {
    if (std::optional<BatchResult> result = read(one)) results.push_back(std::move(*result));
  });
  return results;
}

/// The states of batches whose members were not all worked on.
bool ended_early(const JsonBody& operation) {
  simdjson::dom::object batch;
  if (!object_at(operation.object(), "metadata", batch)) return false;
  const std::string_view state = string_at(batch, "state");
  return state.ends_with("_EXPIRED") || state.ends_with("_CANCELLED");
}

absl::StatusOr<std::vector<BatchResult>> read_operation_results(std::string_view body) {
  const JsonBody json(body);
  if (!json.is_object()) return absl::InvalidArgumentError("results: expected an object, " + json.error());
  const ReadResult read = ended_early(json) ? read_one<true> : read_one<false>;
  raw_json::Document document(json.text());
  std::vector<BatchResult> results;
  ResultObject root, inner, output;
  if (!document.root(root)) return results;
  if (member(root, "response", output)) results = read_output_results(output, read);
  if (results.empty() && member(root, "metadata", inner) && member(inner, "output", output))
    results = read_output_results(output, read);
  return results;
}

/// An operation on one line has a name, which no result has; else its first line is a mere brace.
bool is_operation(std::string_view body) {
  std::string_view line;
  if (LineSplitter lines(body); !lines.next(line)) return false;
  if (line == "{") return true;
  const JsonBody json(line);
  return json.is_object() && !string_at(json.object(), "name").empty();
}

}  // namespace

absl::StatusOr<std::vector<BatchResult>> read_gemini_results(std::string_view body) {
  if (is_operation(body)) return read_operation_results(body);
  return read_result_lines(body, "key", read_one<false>);
}

}  // namespace harvest::dialect
