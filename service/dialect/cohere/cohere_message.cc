#include "service/dialect/cohere/cohere_message.h"

#include <algorithm>
#include <limits>

#include "service/dialect/soft_labels.h"
#include "service/dialect/token_count.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

bool read_counts(const dom::object& reported, std::string_view key, v1::Usage& usage) {
  dom::object counts;
  if (!object_at(reported, key, counts)) return false;
  const auto input = token_count_at(counts, "input_tokens"), output = token_count_at(counts, "output_tokens");
  if (!input || !output) return false;
  usage.set_reported(true);
  usage.set_input_tokens(*input);
  usage.set_output_tokens(*output);
  return true;
}

}  // namespace

void read_cohere_content(const dom::object& content, ChoiceDraft& draft) {
  draft.choice.message.mutable_content()->append(string_at(content, "text"));
  draft.choice.message.mutable_reasoning_content()->append(string_at(content, "thinking"));
}

void read_cohere_call(const dom::object& call, ToolCallDraft& draft) {
  if (draft.id.empty()) draft.id = string_at(call, "id");
  dom::object function;
  if (!object_at(call, "function", function)) return;
  if (draft.name.empty()) draft.name = string_at(function, "name");
  draft.arguments += string_at(function, "arguments");
}

void read_cohere_finish(std::string_view reason, ChoiceDraft& draft) {
  draft.ended = true;
  draft.choice.finish_reason = vendor_code(reason);
  draft.choice.truncated = reason == "MAX_TOKENS";
  draft.choice.refused = reason == "ERROR_TOXIC";
  draft.broken = reason == "TIMEOUT" || (reason.starts_with("ERROR") && !draft.choice.refused);
}

void read_cohere_logprobs(const dom::object& piece, v1::SoftLabels& labels) {
  dom::array ids, logprobs;
  if (piece.at_key("token_ids").get(ids) != simdjson::SUCCESS ||
      piece.at_key("logprobs").get(logprobs) != simdjson::SUCCESS || ids.size() != logprobs.size())
    return;
  v1::SoftLabels read;
  std::string_view text = string_at(piece, "text");
  auto logprob = logprobs.begin();
  for (const dom::element element : ids) {
    int64_t id = -1;
    double value = 0;
    if (element.get(id) != simdjson::SUCCESS || id < 0 || id > std::numeric_limits<int32_t>::max() ||
        (*logprob).get(value) != simdjson::SUCCESS)
      return;
    add_position(read, text, value, id);
    text = {};
    ++logprob;
  }
  labels.MergeFrom(read);
}

bool read_cohere_usage(const dom::object& holder, v1::Usage& usage) {
  dom::object reported;
  if (!object_at(holder, "usage", reported)) return false;
  if (!read_counts(reported, "billed_units", usage) && !read_counts(reported, "tokens", usage)) return false;
  usage.set_cached_input_tokens(std::min(token_count_at(reported, "cached_tokens").value_or(0), usage.input_tokens()));
  return true;
}

}  // namespace harvest::dialect
