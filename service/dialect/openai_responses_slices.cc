#include "service/dialect/openai_responses_slices.h"

#include <simdjson.h>

#include "service/dialect/json_text.h"

namespace harvest::dialect {
namespace {

namespace ondemand = simdjson::ondemand;

/// Calls `read` with every object of the list under `key`.
template <typename Read>
void each_object(ondemand::object& object, std::string_view key, Read read) {
  ondemand::array list;
  if (object.find_field_unordered(key).get_array().get(list) != simdjson::SUCCESS) return;
  for (auto element : list)
    if (ondemand::object item; element.get_object().get(item) == simdjson::SUCCESS) read(item);
}

}  // namespace

std::string responses_logprobs(std::string_view json) {
  const simdjson::padded_string text(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object root, response;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS || document.get_object().get(root) != simdjson::SUCCESS)
    return {};
  if (root.find_field_unordered("response").get_object().get(response) != simdjson::SUCCESS) {
    if (root.reset().error() != simdjson::SUCCESS) return {};
    response = root;
  }
  std::string all;
  each_object(response, "output", [&](ondemand::object& item) {
    each_object(item, "content", [&](ondemand::object& part) {
      ondemand::array logprobs;
      std::string_view raw;
      if (part.find_field_unordered("logprobs").get_array().get(logprobs) != simdjson::SUCCESS ||
          logprobs.raw_json().get(raw) != simdjson::SUCCESS)
        return;
      const std::string_view inside = json_text::inside_object(raw);  // brackets go as braces do
      if (!inside.empty()) all.append(all.empty() ? R"({"content":[)" : ",").append(inside);
    });
  });
  if (!all.empty()) all += "]}";
  return all;
}

}  // namespace harvest::dialect
