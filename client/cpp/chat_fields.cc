#include "client/cpp/chat_fields.h"

#include <algorithm>
#include <limits>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/chat_message.h"
#include "client/cpp/json_value.h"

namespace harvest::client {
namespace {

using simdjson::dom::element;

/// Everything a handler may need.
struct Given {
  std::string_view key;
  element value;
  v1::Prompt* prompt;
  v1::Sampling& sampling() const { return *prompt->mutable_sampling(); }
};
using Handler = Wrong (*)(const Given&);

template <auto Set>
Wrong real(const Given& given) {
  double number = 0;
  if (given.value.get(number) != simdjson::SUCCESS) {
    return expected(given.key, given.value, "a number");
  }
  (given.sampling().*Set)(number);
  return std::nullopt;
}

template <auto Set>
Wrong count(const Given& given) {
  uint64_t number = 0;
  if (given.value.get(number) != simdjson::SUCCESS || number > std::numeric_limits<uint32_t>::max()) {
    return expected(given.key, given.value, "a whole number from 0 to 4294967295");
  }
  (given.sampling().*Set)(static_cast<uint32_t>(number));
  return std::nullopt;
}

Wrong seed(const Given& given) {
  int64_t number = 0;
  if (given.value.get(number) != simdjson::SUCCESS) {
    return expected(given.key, given.value, "a whole number");
  }
  given.sampling().set_seed(number);
  return std::nullopt;
}

Wrong output_cap(const Given& given) {
  uint64_t number = 0;
  if (given.value.get(number) != simdjson::SUCCESS || number == 0 || number > std::numeric_limits<uint32_t>::max()) {
    return expected(given.key, given.value, "a whole number from 1 to 4294967295");
  }
  // max_tokens and max_completion_tokens may stand together: the smaller cap holds.
  v1::Sampling& sampling = given.sampling();
  const uint32_t cap = static_cast<uint32_t>(number);
  sampling.set_max_output_tokens(sampling.has_max_output_tokens() ? std::min(sampling.max_output_tokens(), cap) : cap);
  return std::nullopt;
}

Wrong stop(const Given& given) {
  if (given.value.is_string()) {
    given.sampling().add_stop(std::string(std::string_view(given.value)));
    return std::nullopt;
  }
  simdjson::dom::array list;
  if (given.value.get(list) != simdjson::SUCCESS) {
    return expected(given.key, given.value, "a text or a list of texts");
  }
  for (const element value : list) {
    std::string_view sequence;
    if (value.get(sequence) != simdjson::SUCCESS) {
      return expected(given.key, value, "a list of texts");
    }
    given.sampling().add_stop(std::string(sequence));
  }
  return std::nullopt;
}

Wrong logprobs(const Given& given) {
  bool wanted = false;
  if (given.value.get(wanted) != simdjson::SUCCESS) {
    return expected(given.key, given.value, "true or false");
  }
  if (wanted && !given.sampling().has_top_logprobs()) {
    given.sampling().set_top_logprobs(0);
  }
  return std::nullopt;
}

template <auto Mutable>
Wrong name(const Given& given) {
  std::string_view text;
  if (given.value.get(text) != simdjson::SUCCESS) {
    return expected(given.key, given.value, "a text");
  }
  (given.sampling().*Mutable)()->assign(text);
  return std::nullopt;
}

Wrong parallel_tool_calls(const Given& given) {
  bool value = false;
  if (given.value.get(value) != simdjson::SUCCESS) {
    return expected(given.key, given.value, "true or false");
  }
  given.sampling().set_parallel_tool_calls(value);
  return std::nullopt;
}

Wrong response_format(const Given& given) {
  if (!given.value.is_object()) {
    return expected(given.key, given.value, "an object");
  }
  given.sampling().set_response_format_json(simdjson::minify(given.value));
  return std::nullopt;
}

Wrong extra_body(const Given& given) {
  simdjson::dom::object fields;
  if (given.value.get(fields) != simdjson::SUCCESS) {
    return expected(given.key, given.value, "an object");
  }
  if (const auto doubled = doubled_key(fields)) {
    return text::Mistake{{}, absl::StrCat(std::string(given.key), ".", *doubled), "found a second time, expected once"};
  }
  if (fields.size() > 0) {
    given.sampling().set_extra_body_json(simdjson::minify(given.value));
  }
  return std::nullopt;
}

Wrong tools(const Given& given) {
  if (!given.value.is_array()) {
    return expected(given.key, given.value, "a list");
  }
  given.prompt->set_tools_json(simdjson::minify(given.value));
  return std::nullopt;
}

Wrong tool_choice(const Given& given) {
  if (!given.value.is_string() && !given.value.is_object()) {
    return expected(given.key, given.value, "a text or an object");
  }
  given.prompt->set_tool_choice_json(simdjson::minify(given.value));
  return std::nullopt;
}

Wrong one_choice(const Given& given) {
  int64_t number = 0;
  if (given.value.get(number) != simdjson::SUCCESS || number != 1) {
    return expected(given.key, given.value, "1: ask for more answers with --samples N");
  }
  return std::nullopt;
}

Wrong messages(const Given& given) {
  return read_messages(given.value, given.prompt);
}

struct Rule {
  ChatField kind;
  Handler handler;
};

const absl::flat_hash_map<std::string_view, Rule>& rules() {
  using S = v1::Sampling;
  static const auto* const table = new absl::flat_hash_map<std::string_view, Rule>{
      {"messages", {ChatField::kTaken, messages}},
      {"tools", {ChatField::kTaken, tools}},
      {"tool_choice", {ChatField::kTaken, tool_choice}},
      {"temperature", {ChatField::kTaken, real<&S::set_temperature>}},
      {"top_p", {ChatField::kTaken, real<&S::set_top_p>}},
      {"top_k", {ChatField::kTaken, count<&S::set_top_k>}},
      {"seed", {ChatField::kTaken, seed}},
      {"stop", {ChatField::kTaken, stop}},
      {"max_tokens", {ChatField::kTaken, output_cap}},
      {"max_completion_tokens", {ChatField::kTaken, output_cap}},
      {"max_output_tokens", {ChatField::kTaken, output_cap}},
      {"response_format", {ChatField::kTaken, response_format}},
      {"reasoning_effort", {ChatField::kTaken, name<&S::mutable_reasoning_effort>}},
      {"reasoning_budget_tokens", {ChatField::kTaken, count<&S::set_reasoning_budget_tokens>}},
      {"logprobs", {ChatField::kTaken, logprobs}},
      {"top_logprobs", {ChatField::kTaken, count<&S::set_top_logprobs>}},
      {"frequency_penalty", {ChatField::kTaken, real<&S::set_frequency_penalty>}},
      {"presence_penalty", {ChatField::kTaken, real<&S::set_presence_penalty>}},
      {"service_tier", {ChatField::kTaken, name<&S::mutable_service_tier>}},
      {"parallel_tool_calls", {ChatField::kTaken, parallel_tool_calls}},
      {"extra_body", {ChatField::kTaken, extra_body}},
      {"n", {ChatField::kIgnored, one_choice}},
      {"stream", {ChatField::kIgnored, nullptr}},
      {"stream_options", {ChatField::kIgnored, nullptr}},
      {"model", {ChatField::kModel, nullptr}},
  };
  return *table;
}

/// Words by which servers are told how to sample or to think, beyond those above.
bool shapes_answers(std::string_view key, element value) {
  static const auto* const words = new absl::flat_hash_set<std::string_view>{"bad_words",
                                                                             "best_of",
                                                                             "candidate_count",
                                                                             "chat_template",
                                                                             "chat_template_kwargs",
                                                                             "enable_thinking",
                                                                             "frequencyPenalty",
                                                                             "generationConfig",
                                                                             "generation_config",
                                                                             "guided_choice",
                                                                             "guided_grammar",
                                                                             "guided_json",
                                                                             "guided_regex",
                                                                             "ignore_eos",
                                                                             "include_reasoning",
                                                                             "length_penalty",
                                                                             "logit_bias",
                                                                             "maxOutputTokens",
                                                                             "max_new_tokens",
                                                                             "max_tokens_to_sample",
                                                                             "min_p",
                                                                             "min_tokens",
                                                                             "mirostat",
                                                                             "num_predict",
                                                                             "presencePenalty",
                                                                             "prompt_logprobs",
                                                                             "random_seed",
                                                                             "reasoning",
                                                                             "reasoningEffort",
                                                                             "repeat_penalty",
                                                                             "repetition_penalty",
                                                                             "return_tokens_as_token_ids",
                                                                             "stopSequences",
                                                                             "stop_sequences",
                                                                             "stop_token_ids",
                                                                             "structured_outputs",
                                                                             "thinking",
                                                                             "thinkingConfig",
                                                                             "thinking_budget",
                                                                             "thinking_token_budget",
                                                                             "topK",
                                                                             "topP",
                                                                             "top_a",
                                                                             "typical_p",
                                                                             "use_beam_search",
                                                                             "verbosity"};
  if (value.is_null() || !words->contains(key)) {
    return false;
  }
  // A text of this name is what somebody thought, not how to.
  return !(value.is_string() && (key == "thinking" || key == "reasoning"));
}

}  // namespace

Wrong expected(std::string_view field, element value, const std::string& what) {
  return text::Mistake{{}, std::string(field), absl::StrCat("found ", found(value), ", expected ", what)};
}

Wrong read_chat_field(std::string_view key, element value, v1::Prompt* prompt, ChatField* kind) {
  const auto rule = rules().find(key);
  if (rule == rules().end()) {
    *kind = shapes_answers(key, value) ? ChatField::kVendor : ChatField::kUnknown;
    return std::nullopt;
  }
  *kind = rule->second.kind;
  if (rule->second.handler == nullptr || (value.is_null() && key != "messages")) {
    return std::nullopt;
  }
  return rule->second.handler({key, value, prompt});
}

}  // namespace harvest::client
