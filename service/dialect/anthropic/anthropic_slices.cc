#include "service/dialect/anthropic/anthropic_slices.h"

#include <simdjson.h>

#include "service/dialect/ascii.h"

namespace harvest::dialect {

namespace ondemand = simdjson::ondemand;

std::vector<std::string> block_inputs(std::string_view json) {
  std::vector<std::string> inputs;
  const simdjson::padded_string text(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array blocks;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS ||
      document.find_field_unordered("content").get_array().get(blocks) != simdjson::SUCCESS)
    return inputs;
  for (auto element : blocks) {
    std::string& input = inputs.emplace_back();
    ondemand::object block, object;
    std::string_view raw;
    if (element.get_object().get(block) == simdjson::SUCCESS &&
        block.find_field_unordered("input").get_object().get(object) == simdjson::SUCCESS &&
        object.raw_json().get(raw) == simdjson::SUCCESS)
      input = ascii::trimmed(raw);
  }
  return inputs;
}

}  // namespace harvest::dialect
