#include "service/dialect/openai/openai_responses_answer.h"

#include <array>

#include "service/dialect/answer_draft.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/openai/openai_responses_slices.h"
#include "service/dialect/openai/openai_usage.h"
#include "service/dialect/soft_labels.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;
using namespace verdict;

/// Codes that only a response's `error` has. All speak of the prompt.
constexpr std::array<CodeRule, 14> kResponsesRules{{
    {"invalid_prompt", kRejected},
    {"invalid_image", kRejected},
    {"invalid_image_format", kRejected},
    {"invalid_base64_image", kRejected},
    {"invalid_image_url", kRejected},
    {"image_too_large", kRejected},
    {"image_too_small", kRejected},
    {"image_parse_error", kRejected},
    {"image_content_policy_violation", kRefused},
    {"invalid_image_mode", kRejected},
    {"image_file_too_large", kRejected},
    {"unsupported_image_media_type", kRejected},
    {"empty_image_file", kRejected},
    {"image_file_not_found", kRejected},
}};

/// Calls `read` with every object of the list under `key`.
template <typename Read>
void each_object(const dom::object& object, std::string_view key, Read read) {
  dom::array list;
  if (object.at_key(key).get(list) != simdjson::SUCCESS) return;
  for (const dom::element element : list)
    if (dom::object item; element.get(item) == simdjson::SUCCESS) read(item);
}

/// The one choice while it is put together of output items.
struct Reader {
  ChoiceDraft& draft;
  bool has_output = false;
  bool has_logprobs = false;
  std::string refusal;

  void read_item(const dom::object& item) {
    const std::string_view type = string_at(item, "type");
    has_output |= type == "message" || type == "reasoning" || type == "function_call";
    if (type == "message") each_object(item, "content", [&](const dom::object& part) { read_part(part); });
    if (type == "reasoning") read_reasoning(item);
    if (type == "function_call") {
      const std::string_view id = string_at(item, "call_id");
      draft.tool_calls.push_back({.id = std::string(id.empty() ? string_at(item, "id") : id),
                                  .name = std::string(string_at(item, "name")),
                                  .arguments = std::string(string_at(item, "arguments"))});
    }
  }

  void read_part(const dom::object& part) {
    const std::string_view type = string_at(part, "type");
    if (type == "refusal") {
      draft.choice.refused = true;
      draft.refusal_code = "refusal";
      refusal += string_at(part, "refusal");
    }
    if (type != "output_text") return;
    *draft.choice.message.mutable_content() += string_at(part, "text");
    dom::array positions;
    if (part.at_key("logprobs").get(positions) != simdjson::SUCCESS || positions.size() == 0) return;
    has_logprobs = true;
    read_openai_positions(positions, draft.choice.soft_labels);
  }

  /// Open models' servers show the text itself; OpenAI only summaries, one a thought.
  void read_reasoning(const dom::object& item) {
    std::string text;
    each_object(item, "content", [&](const dom::object& part) { text += string_at(part, "text"); });
    if (text.empty())
      each_object(item, "summary", [&](const dom::object& part) { add_thought(string_at(part, "text"), text); });
    add_thought(text, *draft.choice.message.mutable_reasoning_content());
  }

  static void add_thought(std::string_view thought, std::string& all) {
    if (!thought.empty()) all.append(all.empty() ? "" : "\n\n").append(thought);
  }
};

Outcome failed(const dom::object& response, bool waits) {
  if (!truthy_at(response, "error")) return no_answer("failed", "the response failed and does not say why");
  const VendorError error = read_vendor_error(response);
  const CodeRule* rule = find_rule(kResponsesRules, error.code);
  if (rule == nullptr || error.content_filter) return embedded_outcome(error, waits);
  return make_failure(rule->verdict, error.code, error.message);
}

/// Reads how it ended. False where it has not.
bool read_end(const dom::object& response, Choice& choice) {
  const std::string_view status = string_at(response, "status");
  choice.finish_reason = vendor_code(status);
  if (status == "completed" || status.empty()) return true;
  if (status != "incomplete") return false;
  dom::object details;
  if (object_at(response, "incomplete_details", details))
    if (const std::string_view reason = string_at(details, "reason"); !reason.empty())
      choice.finish_reason = vendor_code(reason);
  choice.refused |= choice.finish_reason == "content_filter";
  choice.truncated = !choice.refused;
  return true;
}

}  // namespace

Outcome read_responses_answer(const JsonBody& body, bool waits) {
  if (!body.is_object()) return no_answer("not_json", body.error().empty() ? "not a JSON object" : body.error());
  return read_response_object(body.object(), body.text(), waits);
}

Outcome read_response_object(const dom::object& response, std::string_view json, bool waits) {
  if (truthy_at(response, "error") || string_at(response, "status") == "failed") return failed(response, waits);
  AnswerDraft answer;
  Reader reader{.draft = *answer.choice(0), .refusal = {}};
  Choice& choice = reader.draft.choice;
  if (!read_end(response, choice))
    return no_answer(choice.finish_reason, "the response has not come to its end: " + choice.finish_reason);
  each_object(response, "output", [&](const dom::object& item) { reader.read_item(item); });
  if (!reader.has_output && string_at(response, "status") != "incomplete")
    return no_answer("no_output", "the response holds no output");
  if (choice.message.content().empty()) choice.message.set_content(reader.refusal);
  if (reader.has_logprobs) choice.logprobs_json = responses_logprobs(json);

  v1::Usage usage;
  read_responses_usage(response, usage);
  Outcome outcome = answer.finish(std::move(usage));
  outcome.model_reported = string_at(response, "model");
  outcome.service_tier = string_at(response, "service_tier");
  outcome.request_id = string_at(response, "id");
  return outcome;
}

}  // namespace harvest::dialect
