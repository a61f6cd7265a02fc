#include "service/dialect/cohere/cohere_slices.h"

#include "service/dialect/ascii.h"
#include "service/dialect/raw_json.h"

namespace harvest::dialect {

std::string cohere_logprobs(std::string_view json) {
  raw_json::Document document(json);
  raw_json::ondemand::object root;
  raw_json::ondemand::value logprobs;
  std::string_view raw;
  if (!document.root(root) || !raw_json::member(root, "logprobs", logprobs) ||
      simdjson::to_json_string(logprobs).get(raw) != simdjson::SUCCESS)
    return {};
  raw = ascii::trimmed(raw);
  if (raw.starts_with('{')) return std::string(raw);
  if (raw.starts_with('[')) return std::string(json_text::inside_object(raw));  // brackets go as braces do
  return {};
}

}  // namespace harvest::dialect
