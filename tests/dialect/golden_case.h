#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "harvest/v1/query.pb.h"
#include "harvest/v1/teacher.pb.h"
#include "service/dialect/dialect.h"

/// A golden file holds an array of cases of one dialect (its folder's name). Two kinds:
///
///     {"case": "…", "teacher": {proto JSON}, "prompt": {…}, "sampling": {…}, "choices": 1, "stream": false,
///      "request": {path, headers, body: "exact bytes"}}
///     {"case": "…", "teacher": {…}, "status": 200, "headers": {…}, "body": {JSON} | "text" | ["piece", …], "outcome":
///      {only the fields that matter}}
///
/// A body of bytes that are no text stands in `body_base64`.
/// A body may be "event_stream" instead, AWS's binary form: [{"event" | "exception": "its name", "data": {JSON}}, …,
/// {"error": "code", "data": "words"}]. An outcome's fields: kind, retry, billed (may it have been, unanswered),
/// overloaded, slow_down, met_limit (a throttled attempt's), cause (none, access, billing, model, address),
/// rights_alert, code, message, retry_after_ms, model, fingerprint, request_id, served_by, cost (as told, in
/// picodollars), usage [input, cached, output, reasoning, cache writes …] or "estimated output N", requests /
/// input_tokens / output_tokens [limit, remaining, reset_ms], and choices [{content, reasoning, tool_calls, finish,
/// refused, truncated, logprobs, labels}]. A response with "wire" instead of a status ended below HTTP.
namespace harvest::testing {

/// The moment that date-valued headers of the golden files are read at: 2026-11-20 00:00:00 UTC.
constexpr int64_t kGoldenUtcUs = 1795132800'000000;

struct GoldenCase {
  std::string dialect, file, name;
  boost::json::object content;
};

/// How often tests repeat themselves: HARVEST_TEST_SCALE of it, but 10 at least.
size_t scaled(size_t times);

std::vector<GoldenCase> golden_cases();
/// Those of one file's text.
std::vector<GoldenCase> golden_cases_in(const std::string& dialect, const std::string& text);
bool is_request(const GoldenCase& golden);

/// The request that the case's query encodes to, in the golden form.
boost::json::object encoded(const GoldenCase& golden);
/// Whom the case asks; one of whom nothing is known where it does not say.
v1::Teacher teacher_of(const GoldenCase& golden);
dialect::HttpExchange exchange_of(const GoldenCase& golden);
/// The outcome in the golden form, restricted to the fields that `like` names.
boost::json::object described(const dialect::Outcome& outcome, const boost::json::object& like);

}  // namespace harvest::testing
