#include "service/dialect/openai/block_logprobs.h"

#include <simdjson.h>

#include "service/dialect/json_text.h"

namespace harvest::dialect {
namespace {

namespace ondemand = simdjson::ondemand;

void append_list(ondemand::object& block, std::string_view key, std::string& all) {
  ondemand::array list;
  std::string_view raw;
  if (block.find_field_unordered(key).get_array().get(list) != simdjson::SUCCESS ||
      list.raw_json().get(raw) != simdjson::SUCCESS)
    return;
  const std::string_view inside = json_text::inside_object(raw);  // brackets go as braces do
  if (!inside.empty()) all.append(all.empty() ? "" : ",").append(inside);
}

}  // namespace

void BlockLogprobs::append(std::string_view block) {
  const simdjson::padded_string text(block);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS || document.get_object().get(object) != simdjson::SUCCESS)
    return;
  append_list(object, "tokens", tokens_);
  append_list(object, "token_logprobs", token_logprobs_);
  append_list(object, "top_logprobs", top_logprobs_);
  append_list(object, "text_offset", text_offset_);
}

std::string BlockLogprobs::json() const {
  if (tokens_.empty()) return {};
  std::string out = "{";
  const auto append_list = [&](std::string_view key, const std::string& list) {
    json_text::append_key(out, key);
    out.append("[").append(list).append("]");
  };
  append_list("tokens", tokens_);
  append_list("token_logprobs", token_logprobs_);
  if (!top_logprobs_.empty()) append_list("top_logprobs", top_logprobs_);
  if (!text_offset_.empty()) append_list("text_offset", text_offset_);
  out += '}';
  return out;
}

}  // namespace harvest::dialect
