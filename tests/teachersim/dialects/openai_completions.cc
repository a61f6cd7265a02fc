#include "tests/teachersim/dialects/openai_completions.h"

#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/azure_chat.h"
#include "tests/teachersim/dialects/logprobs.h"
#include "tests/teachersim/dialects/query_text.h"
#include "tests/teachersim/dialects/utterance.h"

namespace teachersim {
namespace {

namespace json = boost::json;

/// One text, several, one list of tokens, or several of those.
void read_prompts(const Fields& body, CompletionsRequest& request) {
  const json::value& prompt = body.required("prompt");
  if (prompt.is_string()) {
    request.prompts.emplace_back(prompt.get_string());
  } else {
    const json::array& list = body.list("prompt");
    if (list.empty()) body.fail("prompt", "Invalid 'prompt': expected at least one prompt.");
    if (list.front().is_number()) {
      request.prompts.push_back(json::serialize(list));
    } else {
      for (const json::value& one : list)
        request.prompts.push_back(one.is_string() ? std::string(one.get_string()) : json::serialize(one));
    }
  }
  for (const std::string& one : request.prompts) request.count(one);
  request.prompt = request.prompts.back();
}

std::unique_ptr<CompletionsRequest> read_completions_request(const json::object& object, std::string_view model,
                                                             const AnswerShape& /*shape*/) {
  constexpr std::int64_t kUsualCap = 16;
  const Fields body(object);
  auto request = std::make_unique<CompletionsRequest>();
  request->model = model.empty() ? body.required_text("model") : model;
  read_prompts(body, *request);
  const std::int64_t choices = body.integer("n", 1, 1, 128);
  const std::int64_t best_of = body.integer("best_of", choices, 1, 20);
  if (best_of < choices) body.fail("best_of", "'best_of' must be greater than or equal to 'n'.");
  request->choices = static_cast<int>(choices * static_cast<std::int64_t>(request->prompts.size()));
  request->cap_per_choice = body.integer("max_tokens", kUsualCap, 1, 1'000'000);
  request->output_cap = request->cap_per_choice * request->choices;
  body.check_range("temperature", 0, 2);
  body.check_range("top_p", 0, 1);
  body.check_range("frequency_penalty", -2, 2);
  body.check_range("presence_penalty", -2, 2);
  request->echo = body.flag("echo");
  request->logprobs = body.has("logprobs");
  request->top_logprobs = static_cast<int>(body.integer("logprobs", 0, 0, 5));
  if (const json::value* stop = body.find("stop"); stop != nullptr && stop->is_string()) {
    request->stops.emplace_back(stop->get_string());
  } else {
    request->stops = body.strings("stop", 4);
  }
  request->stream = body.flag("stream");
  request->stream_usage = body.part("stream_options").flag("include_usage");
  request->key =
      key_of(request->model, object,
             {"prompt", "suffix", "temperature", "top_p", "seed", "stop", "frequency_penalty", "presence_penalty"});
  return request;
}

json::value logprobs_object(const CompletionsRequest& request, const AnswerShape& shape, std::string_view text,
                            std::size_t index) {
  if (!request.logprobs) return nullptr;
  json::array tokens;
  json::array logprobs;
  json::array top;
  json::array offsets;
  std::size_t offset = 0;
  for (const TokenLogprob& entry : logprobs_of(text, request, shape, index)) {
    tokens.push_back(json::value(entry.token));
    logprobs.push_back(entry.logprob);
    json::object others;
    for (const TokenLogprob& other : entry.top) others[other.token] = other.logprob;
    top.push_back(std::move(others));
    offsets.push_back(offset);
    offset += entry.token.size();
  }
  return {{"tokens", std::move(tokens)},
          {"token_logprobs", std::move(logprobs)},
          {"top_logprobs", request.top_logprobs > 0 ? json::value(std::move(top)) : json::value()},
          {"text_offset", std::move(offsets)}};
}

json::value finish_reason(Utterance::End end) {
  if (end == Utterance::End::kRefused) return "content_filter";
  return end == Utterance::End::kCut ? "length" : "stop";
}

json::object choice_object(std::size_t index, std::string_view text, json::value logprobs, json::value end) {
  return {{"text", text}, {"index", index}, {"logprobs", std::move(logprobs)}, {"finish_reason", std::move(end)}};
}

json::object completions_usage(const Usage& usage) {
  return {{"prompt_tokens", usage.input_tokens},
          {"completion_tokens", usage.output_tokens},
          {"total_tokens", usage.input_tokens + usage.output_tokens},
          {"prompt_tokens_details", json::object{{"cached_tokens", usage.cached_tokens}}}};
}

}  // namespace

bool OpenAiCompletions::speaks(std::string_view path) const {
  const bool of_azure = path.find("/openai/deployments/") != std::string_view::npos;
  return of_azure == azure_ && path.ends_with("/completions") && !path.ends_with("/chat/completions");
}

std::variant<std::unique_ptr<Question>, Trouble> OpenAiCompletions::read(const Call& call) const {
  if (azure_ && parameter(call.query, "api-version").empty()) return no_api_version();
  try {
    const std::string model = percent_decoded(segment_after(call.path, "/openai/deployments/"));
    return std::unique_ptr<Question>(read_completions_request(parse_object(call.body), model, shape_));
  } catch (Mistake& mistake) {
    return Trouble{Trouble::Kind::kBadRequest, 400, std::move(mistake.what), std::move(mistake.where), {}};
  }
}

Answer OpenAiCompletions::answer(const Question& question, const Stamp& stamp) const {
  const auto& request = static_cast<const CompletionsRequest&>(question);  // only this dialect's questions come here
  const std::vector<Utterance> utterances = utter(request, shape_, stamp.refuse);
  const std::size_t per_prompt = utterances.size() / request.prompts.size();
  Answer answer;
  answer.usage = usage_of(request, shape_, utterances);
  const json::object head{
      {"id", stamp.id}, {"object", "text_completion"}, {"created", stamp.created_s}, {"model", request.model}};
  auto add_event = [&](json::array choices, const Usage* usage) {
    json::object chunk = head;
    chunk["choices"] = std::move(choices);
    if (usage != nullptr) chunk["usage"] = completions_usage(*usage);
    answer.events.push_back(sse_event("", json::serialize(chunk)));
  };
  json::array choices;
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    const Utterance& said = utterances[i];
    const std::string text = (request.echo ? request.prompts[i / per_prompt] : "") + said.text;
    json::value logprobs = logprobs_object(request, shape_, text, i);
    answer.contents.push_back(said.text);
    if (!request.stream) {
      choices.push_back(choice_object(i, text, std::move(logprobs), finish_reason(said.end)));
      continue;
    }
    for (const std::string_view piece : pieces_of(text, static_cast<std::size_t>(shape_.event_bytes)))
      add_event({choice_object(i, piece, nullptr, nullptr)}, nullptr);
    add_event({choice_object(i, "", std::move(logprobs), finish_reason(said.end))}, nullptr);
  }
  if (request.stream) {
    if (request.stream_usage) add_event({}, &answer.usage);
    answer.events.push_back(sse_event("", "[DONE]"));
    answer.content_type = "text/event-stream";
    return answer;
  }
  json::object body = head;
  body["choices"] = std::move(choices);
  body["usage"] = completions_usage(answer.usage);
  answer.body = json::serialize(body) + "\n";
  return answer;
}

}  // namespace teachersim
