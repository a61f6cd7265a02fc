#include "service/dialect/bedrock/bedrock_converse_answer.h"

#include <string>
#include <vector>

#include "service/dialect/ascii.h"
#include "service/dialect/bedrock/bedrock_errors.h"
#include "service/dialect/bedrock/bedrock_message.h"
#include "service/dialect/error_outcome.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;
namespace ondemand = simdjson::ondemand;

/// The input of each block's call, the server's own bytes, so that a trainer sees the arguments as they were written;
/// empty where there is none. `json` has passed a strict parser.
std::vector<std::string> raw_inputs(std::string_view json) {
  std::vector<std::string> inputs;
  const simdjson::padded_string text(json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array blocks;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS ||
      document["output"]["message"]["content"].get_array().get(blocks) != simdjson::SUCCESS)
    return inputs;
  for (auto element : blocks) {
    std::string& input = inputs.emplace_back();
    ondemand::object block, object;
    std::string_view raw;
    if (element.get_object().get(block) == simdjson::SUCCESS &&
        block["toolUse"]["input"].get_object().get(object) == simdjson::SUCCESS &&
        object.raw_json().get(raw) == simdjson::SUCCESS)
      input = ascii::trimmed(raw);
  }
  return inputs;
}

bool has_call(const dom::array& blocks) {
  for (const dom::element element : blocks)
    if (dom::object block, call; element.get(block) == simdjson::SUCCESS && object_at(block, "toolUse", call))
      return true;
  return false;
}

void read_blocks(const dom::array& blocks, std::string_view json, BedrockMessage& message) {
  std::vector<std::string> inputs;
  if (has_call(blocks)) inputs = raw_inputs(json);
  size_t number = 0;
  for (const dom::element element : blocks) {
    std::string input = number < inputs.size() ? inputs[number] : std::string();
    dom::object block, call;
    if (element.get(block) == simdjson::SUCCESS) {
      // Input that is no object; and keys written with escapes, which only this parser knows again.
      dom::element value;
      if (input.empty() && object_at(block, "toolUse", call) && call.at_key("input").get(value) == simdjson::SUCCESS)
        input = simdjson::to_string(value);
      message.add_block(static_cast<int64_t>(number), block, input == "null" ? std::string_view() : input);
    }
    ++number;
  }
}

}  // namespace

Outcome read_converse_answer(const JsonBody& body, bool waits) {
  if (!body.is_object()) return no_answer("not_json", body.error().empty() ? "not a JSON object" : body.error());
  const dom::object& root = body.object();
  dom::object output, inner;
  if (!object_at(root, "output", output) || !object_at(output, "message", inner)) {
    const std::string_view name = bedrock_exception_name(root), words = bedrock_exception_words(root);
    if (!name.empty() || !words.empty()) return bedrock_exception(name, words, waits);
    return no_answer("no_output", "the response holds no message");
  }
  dom::array blocks;
  const bool has_blocks = inner.at_key("content").get(blocks) == simdjson::SUCCESS;
  const std::string_view stop_reason = string_at(root, "stopReason");
  if (!has_blocks && stop_reason.empty()) return no_answer("no_output", "the message holds nothing");
  BedrockMessage message;
  if (has_blocks) read_blocks(blocks, body.text(), message);
  message.set_stop_reason(stop_reason);
  message.read_metadata(root);
  return message.finish();
}

}  // namespace harvest::dialect
