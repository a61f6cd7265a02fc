#include "tests/teachersim/dialects/ollama.h"

#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/anthropic_wording.h"
#include "tests/teachersim/dialects/fields.h"
#include "tests/teachersim/dialects/logprobs.h"
#include "tests/teachersim/dialects/utterance.h"

namespace teachersim {
namespace {

namespace json = boost::json;

void read_messages(const Fields& body, Wish& request) {
  const json::array& messages = body.list("messages");
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Fields message(messages[i], body.where("messages", i));
    request.input_tokens += kTokensPerMessage;
    request.count(message.text("content"));
    if (message.text("role") == "user") request.prompt = message.text("content");
    if (message.has("tool_calls")) request.count(json::serialize(*message.find("tool_calls")));
  }
}

void read_format(const Fields& body, Wish& request) {
  const json::value* format = body.find("format");
  if (format == nullptr) return;
  request.json_object = format->is_string() && format->get_string() == "json";
  if (format->is_object()) request.schema = *format;
  if (!request.json_object && !format->is_object() && !json::serialize(*format).empty() &&
      !(format->is_string() && format->get_string().empty()))
    body.fail("format", "invalid format: expected \"json\" or a JSON schema");
}

std::unique_ptr<Wish> read_request(const json::object& object, const AnswerShape& shape) {
  const Fields body(object);
  auto request = std::make_unique<Wish>();
  request->model = body.text("model");
  if (request->model.empty()) throw Mistake{"", "model is required"};
  read_messages(body, *request);
  read_format(body, *request);
  const Fields options = body.part("options");
  const std::int64_t wanted = options.integer("num_predict", -1, -2, 1'000'000);
  request->cap_per_choice = wanted > 0 ? wanted : shape.default_output_cap;
  request->output_cap = request->cap_per_choice;
  if (const json::value* stop = options.find("stop"); stop != nullptr && stop->is_string()) {
    request->stops.emplace_back(stop->get_string());
  } else {
    request->stops = options.strings("stop", 100);
  }
  const json::value* think = body.find("think");
  const bool thinks = think != nullptr && !(think->is_bool() && !think->get_bool());
  if (thinks) request->thinking = thinking_tokens(shape, request->cap_per_choice);
  for (const json::value& one : body.list("tools")) {
    const Fields function = Fields(one, "tools").part("function");
    const json::value* parameters = function.find("parameters");
    request->count(json::serialize(one));
    request->tools.push_back({std::string(function.required_text("name")),
                              parameters == nullptr ? json::value(json::object()) : *parameters});
  }
  request->logprobs = body.flag("logprobs");
  request->top_logprobs = static_cast<int>(body.integer("top_logprobs", 0, 0, 20));
  request->stream = body.flag("stream", true);
  json::object shaping = object;
  if (json::value* fields = shaping.if_contains("options"); fields != nullptr && fields->is_object())
    fields->get_object().erase("num_predict");
  request->key = key_of(request->model, shaping, {"messages", "format", "options", "think", "tools"});
  return request;
}

json::array ollama_logprobs(std::string_view text, const Wish& request, const AnswerShape& shape) {
  json::array array;
  for (const TokenLogprob& entry : logprobs_of(text, request, shape, 0)) {
    json::array top;
    for (const TokenLogprob& other : entry.top) top.push_back({{"token", other.token}, {"logprob", other.logprob}});
    array.push_back({{"token", entry.token}, {"logprob", entry.logprob}, {"top_logprobs", std::move(top)}});
  }
  return array;
}

void add_end(json::object& body, const Utterance& said, const Usage& usage) {
  constexpr std::int64_t kMillisecond = 1'000'000;
  body["done"] = true;
  body["done_reason"] = said.end == Utterance::End::kCut ? "length" : "stop";
  body["total_duration"] = 20 * kMillisecond;
  body["load_duration"] = kMillisecond;
  body["prompt_eval_count"] = usage.input_tokens;
  body["prompt_eval_duration"] = 2 * kMillisecond;
  body["eval_count"] = usage.output_tokens;
  body["eval_duration"] = 17 * kMillisecond;
}

json::array tool_calls(const Utterance& said) {
  return {json::object{{"id", "call_" + said.call_id},
                       {"function", {{"name", said.tool}, {"arguments", json::parse(said.arguments)}}}}};
}

}  // namespace

std::variant<std::unique_ptr<Question>, Trouble> Ollama::read(std::string_view body) const {
  try {
    return std::unique_ptr<Question>(read_request(parse_object(body), shape_));
  } catch (const Mistake& mistake) {
    std::string message = mistake.where.empty() ? mistake.what : mistake.where + ": " + mistake.what;
    return Trouble{Trouble::Kind::kBadRequest, 400, std::move(message), mistake.where, {}};
  }
}

Answer Ollama::answer(const Question& question, const Stamp& stamp) const {
  const auto& request = static_cast<const Wish&>(question);  // only this dialect's questions come here
  const Utterance said = utter(request, shape_, stamp.refuse).front();
  // It has no refusals of its own: the model just says so.
  const std::string_view text = said.end == Utterance::End::kRefused ? kRefusal : std::string_view(said.text);
  Answer answer;
  answer.usage = usage_of(request, shape_, {said});
  answer.contents.emplace_back(said.text);
  const json::object head{{"model", request.model}, {"created_at", rfc3339(stamp.created_s)}};
  auto body_of = [&](json::object message) {
    json::object body = head;
    message["role"] = "assistant";
    if (!message.contains("content")) message["content"] = "";
    body["message"] = std::move(message);
    body["done"] = false;
    return body;
  };
  if (!request.stream) {
    json::object message{{"role", "assistant"}, {"content", text}};
    if (!said.thinking.empty()) message["thinking"] = said.thinking;
    if (!said.tool.empty()) message["tool_calls"] = tool_calls(said);
    json::object body = body_of(std::move(message));
    if (request.logprobs) body["logprobs"] = ollama_logprobs(text, request, shape_);
    add_end(body, said, answer.usage);
    answer.body = json::serialize(body);
    return answer;
  }
  answer.content_type = "application/x-ndjson";
  const auto bytes = static_cast<std::size_t>(shape_.event_bytes);
  auto add = [&](const json::object& body) { answer.events.push_back(json::serialize(body) + "\n"); };
  for (const std::string_view piece : pieces_of(said.thinking, bytes)) add(body_of({{"thinking", piece}}));
  for (const std::string_view piece : pieces_of(text, bytes)) add(body_of({{"content", piece}}));
  if (!said.tool.empty()) add(body_of({{"tool_calls", tool_calls(said)}}));
  json::object last = body_of({});
  if (request.logprobs) last["logprobs"] = ollama_logprobs(text, request, shape_);
  add_end(last, said, answer.usage);
  add(last);
  return answer;
}

Reply Ollama::reply(const Trouble& trouble) const {
  std::string_view message = trouble.message;
  if (trouble.status == 503) message = "server busy, please try again.  maximum pending requests exceeded";
  return {
      .status = trouble.status, .headers = {}, .body = json::serialize(json::object{{"error", message}}), .events = {}};
}

}  // namespace teachersim
