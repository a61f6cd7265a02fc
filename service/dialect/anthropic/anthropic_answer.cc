#include "service/dialect/anthropic/anthropic_answer.h"

#include "service/dialect/anthropic/anthropic_errors.h"
#include "service/dialect/anthropic/anthropic_message.h"
#include "service/dialect/anthropic/anthropic_slices.h"
#include "service/dialect/error_outcome.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

void read_blocks(const dom::array& blocks, std::string_view json, AnthropicMessage& message) {
  std::vector<std::string> inputs;
  int64_t index = 0;
  for (const dom::element element : blocks) {
    const int64_t number = index++;
    dom::object block;
    if (element.get(block) != simdjson::SUCCESS) continue;
    const bool call = string_at(block, "type") == "tool_use";
    if (call && inputs.empty()) inputs = block_inputs(json);
    const bool known = call && static_cast<size_t>(number) < inputs.size();
    message.begin_block(number, block, known ? inputs[static_cast<size_t>(number)] : std::string_view());
  }
}

}  // namespace

Outcome read_anthropic_answer(const JsonBody& body, bool waits) {
  if (!body.is_object()) return no_answer("not_json", body.error().empty() ? "not a JSON object" : body.error());
  const dom::object& root = body.object();
  if (string_at(root, "type") == "error" || truthy_at(root, "error")) return embedded_anthropic_error(root, waits);
  dom::array blocks;
  const bool has_blocks = root.at_key("content").get(blocks) == simdjson::SUCCESS;
  if (!has_blocks && string_at(root, "stop_reason").empty())
    return no_answer("no_content", "the message holds no content");
  AnthropicMessage message;
  if (has_blocks) read_blocks(blocks, body.text(), message);
  message.read_head(root);
  message.read_end(root);
  if (dom::object usage; object_at(root, "usage", usage)) message.usage().read(usage);
  return message.finish();
}

}  // namespace harvest::dialect
