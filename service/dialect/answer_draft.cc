#include "service/dialect/answer_draft.h"

#include <algorithm>
#include <utility>

#include "service/dialect/error_outcome.h"
#include "service/dialect/json_text.h"
#include "service/dialect/soft_labels.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;
using json_text::append_string;

constexpr size_t kToolCallsMax = 1024;

}  // namespace

ToolCallDraft& ChoiceDraft::tool_call(size_t number) {
  if (number >= tool_calls.size() && number < kToolCallsMax) tool_calls.resize(number + 1);
  if (tool_calls.empty()) tool_calls.emplace_back();
  return number < tool_calls.size() ? tool_calls[number] : tool_calls.back();
}

ChoiceDraft* AnswerDraft::choice(int64_t index) {
  for (ChoiceDraft& known : choices_)
    if (known.index == index) return &known;
  if (choices_.size() >= kChoicesMax) return nullptr;
  ChoiceDraft& made = choices_.emplace_back();
  made.index = index;
  made.choice.message.set_role("assistant");
  return &made;
}

Outcome AnswerDraft::finish(v1::Usage usage) {
  if (choices_.empty()) return no_answer("no_choices", "the response holds no choices");
  const auto broken = [](const ChoiceDraft& draft) { return draft.broken; };
  if (std::all_of(choices_.begin(), choices_.end(), broken)) {
    const std::string& reason = choices_.front().choice.finish_reason;
    return no_answer(reason.empty() ? "error" : reason, "the teacher broke off the answer");
  }
  std::stable_sort(choices_.begin(), choices_.end(),
                   [](const ChoiceDraft& a, const ChoiceDraft& b) { return a.index < b.index; });
  Outcome outcome;
  if (std::all_of(choices_.begin(), choices_.end(), [](const ChoiceDraft& draft) { return draft.choice.refused; })) {
    const ChoiceDraft& first = choices_.front();
    outcome.kind = v1::REFUSED;
    outcome.vendor_code = first.refusal_code.empty() ? first.choice.finish_reason : first.refusal_code;
    outcome.message = vendor_words(first.refusal_words);
  } else {
    outcome.kind = v1::ANSWERED;
  }
  outcome.choices.reserve(choices_.size());
  for (ChoiceDraft& draft : choices_) {
    draft.choice.truncated |= draft.broken;
    drop_uneven_ids(draft.choice.soft_labels);
    if (!draft.tool_calls.empty()) draft.choice.message.set_tool_calls_json(tool_calls_json(draft.tool_calls));
    outcome.choices.push_back(std::move(draft.choice));
  }
  outcome.retry = Retry::kPermanent;
  outcome.usage = std::move(usage);
  if (!outcome.usage.reported()) outcome.usage.set_output_tokens(estimated_tokens(outcome.choices));
  return outcome;
}

std::string tool_calls_json(const std::vector<ToolCallDraft>& calls) {
  std::string out;
  for (const ToolCallDraft& call : calls) {
    out += out.empty() ? "[{" : ",{";
    if (!call.id.empty()) {
      append_key(out, "id");
      append_string(out, call.id);
    }
    append_key(out, "type");
    out += "\"function\"";
    append_key(out, "function");
    out += '{';
    append_key(out, "name");
    append_string(out, call.name);
    append_key(out, "arguments");
    append_string(out, call.arguments);
    out += "}}";
  }
  if (!out.empty()) out += ']';
  return out;
}

uint64_t estimated_tokens(const std::vector<Choice>& choices) {
  size_t bytes = 0;
  for (const Choice& choice : choices)
    bytes += choice.message.content().size() + choice.message.reasoning_content().size() +
             choice.message.tool_calls_json().size();
  return (bytes + 3) / 4;
}

}  // namespace harvest::dialect
