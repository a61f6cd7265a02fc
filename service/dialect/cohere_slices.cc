#include "service/dialect/cohere_slices.h"

#include <simdjson.h>

#include "service/dialect/ascii.h"
#include "service/dialect/json_text.h"

namespace harvest::dialect {

std::string cohere_logprobs(std::string_view json) {
  namespace ondemand = simdjson::ondemand;
  const simdjson::padded_string text(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object root;
  ondemand::value logprobs;
  std::string_view raw;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS || document.get_object().get(root) != simdjson::SUCCESS ||
      root.find_field_unordered("logprobs").get(logprobs) != simdjson::SUCCESS ||
      simdjson::to_json_string(logprobs).get(raw) != simdjson::SUCCESS)
    return {};
  raw = ascii::trimmed(raw);
  if (raw.starts_with('{')) return std::string(raw);
  if (raw.starts_with('[')) return std::string(json_text::inside_object(raw));  // brackets go as braces do
  return {};
}

}  // namespace harvest::dialect
