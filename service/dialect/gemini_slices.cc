#include "service/dialect/gemini_slices.h"

#include <simdjson.h>

#include "service/dialect/json_text.h"

namespace harvest::dialect {
namespace {

namespace ondemand = simdjson::ondemand;

/// The member under this key, searched from the object's start: of two equal keys the first counts.
template <typename Value>
bool member(ondemand::object& object, std::string_view key, Value& value) {
  if (object.reset().error() != simdjson::SUCCESS) return false;
  return object.find_field_unordered(key).get(value) == simdjson::SUCCESS;
}

/// Calls `read` with every object of the list under `key`.
template <typename Read>
void each_object(ondemand::object& object, std::string_view key, Read read) {
  ondemand::array list;
  if (!member(object, key, list)) return;
  for (auto element : list)
    if (ondemand::object item; element.get_object().get(item) == simdjson::SUCCESS) read(item);
}

std::string inside_list(ondemand::object& object, std::string_view key) {
  ondemand::array list;
  std::string_view raw;
  if (!member(object, key, list) || list.raw_json().get(raw) != simdjson::SUCCESS) return {};
  return std::string(json_text::inside_object(raw));  // brackets go as braces do
}

void read_part(ondemand::object& part, GeminiSlices& slices) {
  ondemand::object call, args;
  if (!member(part, "functionCall", call)) return;
  std::string_view raw;
  if (member(call, "args", args) && args.raw_json().get(raw) == simdjson::SUCCESS)
    slices.args.emplace_back(raw);
  else
    slices.args.emplace_back();
}

}  // namespace

std::vector<GeminiSlices> gemini_slices(std::string_view json) {
  std::vector<GeminiSlices> all;
  const simdjson::padded_string text(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object root;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS || document.get_object().get(root) != simdjson::SUCCESS)
    return all;
  each_object(root, "candidates", [&](ondemand::object& candidate) {
    GeminiSlices& slices = all.emplace_back();
    ondemand::object content, logprobs;
    if (member(candidate, "content", content))
      each_object(content, "parts", [&](ondemand::object& part) { read_part(part, slices); });
    if (!member(candidate, "logprobsResult", logprobs)) return;
    slices.chosen = inside_list(logprobs, "chosenCandidates");
    slices.top = inside_list(logprobs, "topCandidates");
  });
  return all;
}

}  // namespace harvest::dialect
