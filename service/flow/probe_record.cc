// A probe's exchange as golden cases.
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>

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
    if (names_an_account(name)) continue;
    if (!std::exchange(first, false)) out += ", ";
    append_member(out, name, value);
  }
  out += "}";
}

}  // namespace

std::string golden_cases(const v1::Teacher& teacher, const ProbePlan& plan, const dialect::HttpRequest& request,
                         const dialect::HttpExchange& exchange, const dialect::Outcome& outcome) {
  v1::Teacher spoken;  // what shapes the request; nothing of where, by whom and for how much
  spoken.set_model(teacher.model());
  spoken.set_profile(teacher.profile());
  spoken.set_api_version(teacher.api_version());
  std::string out = "[\n {";
  append_member(out, "case", "recorded: the probe's request");
  out += ",\n  \"teacher\": " + json_of(spoken) + ",\n  \"prompt\": " + json_of(plan.prompt) +
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
  append_member(out, "body", exchange.body);
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
