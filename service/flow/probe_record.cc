// A probe's exchange as golden cases.
#include <google/protobuf/util/json_util.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "service/flow/probe.h"
#include "storage/corpus/canonical_json.h"

namespace harvest::flow {
namespace {

using corpus::append_json_string;

std::string json_of(const google::protobuf::Message& message) {
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? json : "{}";
}

bool is_text(std::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size());
}

bool names_an_account(std::string_view header) {
  constexpr std::array<std::string_view, 5> kParts{"cookie", "organization", "project", "workspace", "account"};
  return std::any_of(kParts.begin(), kParts.end(),
                     [header](std::string_view part) { return header.find(part) != std::string_view::npos; });
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
  append_json_string(out, key);
  out += ": ";
  append_json_string(out, text);
}

void append_headers(std::string& out, const dialect::Headers& headers) {
  out += "\"headers\": {";
  bool first = true;
  for (const auto& [name, value] : headers) {
    if (names_an_account(name) || !is_text(value)) continue;
    if (!std::exchange(first, false)) out += ", ";
    append_member(out, name, value);
  }
  out += "}";
}

/// JSON holds no bytes: those of an event stream are written in base64.
void append_body(std::string& out, const std::string& body) {
  if (is_text(body))
    append_member(out, "body", body);
  else
    append_member(out, "body_base64", absl::Base64Escape(body));
}

/// Replaces what stands between `begin` and the next '/'.
void mask(std::string& url, std::string_view begin, std::string_view with) {
  const size_t at = url.find(begin);
  if (at == std::string::npos) return;
  const size_t from = at + begin.size();
  url.replace(from, std::min(url.find('/', from), url.size()) - from, with);
}

/// Host and path of an endpoint tell some dialects how to speak. A vendor's host is public; any other says where its
/// owner keeps it, and a resource or project whose account it is.
std::string shape_of(std::string url) {
  constexpr std::array<std::string_view, 4> kPublic{".googleapis.com", ".amazonaws.com", ".azure.com", ".openai.com"};
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const size_t begin = scheme + 3, end = std::min(url.find_first_of(":/?", begin), url.size());
  const std::string host = url.substr(begin, end - begin);
  const bool known =
      std::any_of(kPublic.begin(), kPublic.end(), [&](std::string_view one) { return host.ends_with(one); });
  if (!known)
    mask(url, "://", "teacher.example");
  else if (host.ends_with(".azure.com"))
    url.replace(begin, host.find('.'), "resource");
  mask(url, "/projects/", "project");
  return url;
}

/// What shapes the request: nothing of by whom and for how much.
v1::Teacher spoken(const v1::Teacher& teacher) {
  v1::Teacher shape;
  shape.set_model(teacher.model());
  shape.set_profile(teacher.profile());
  shape.set_api_version(teacher.api_version());
  shape.set_region(teacher.region());
  shape.set_endpoint(shape_of(teacher.endpoints().empty() ? teacher.endpoint() : teacher.endpoints(0)));
  if (teacher.default_max_output_tokens() > 0) shape.set_default_max_output_tokens(teacher.default_max_output_tokens());
  return shape;
}

}  // namespace

std::string golden_cases(const v1::Teacher& teacher, const ProbePlan& plan, const dialect::HttpRequest& request,
                         const dialect::HttpExchange& exchange, const dialect::Outcome& outcome) {
  std::string out = "[\n {";
  append_member(out, "case", "recorded: the probe's request");
  out += ",\n  \"teacher\": " + json_of(spoken(teacher)) + ",\n  \"prompt\": " + json_of(plan.prompt) +
         ",\n  \"sampling\": " + json_of(plan.sampling) + ",\n  \"choices\": " + std::to_string(plan.choices) +
         ",\n  \"stream\": " + (plan.stream ? "true" : "false") + ",\n  \"request\": {";
  append_member(out, "path", request.path);
  out += ", ";
  append_headers(out, request.headers != nullptr ? *request.headers : dialect::Headers{});
  out += ", ";
  append_member(out, "body", request.body);
  out += "}},\n {";
  append_member(out, "case", "recorded: what came back");
  out += ",\n  \"status\": " + std::to_string(exchange.status) + ",\n  ";
  append_headers(out, exchange.headers);
  out += ",\n  ";
  append_body(out, exchange.body);
  out += ",\n  \"outcome\": {";
  append_member(out, "kind", v1::Outcome_Name(outcome.kind));
  out += ", ";
  append_member(out, "code", outcome.vendor_code);
  out += ", ";
  append_member(out, "model", outcome.model_reported);
  out += "}}\n]\n";
  return out;
}

}  // namespace harvest::flow
