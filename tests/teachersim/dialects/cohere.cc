#include "tests/teachersim/dialects/cohere.h"

#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/dialects/cohere_request.h"
#include "tests/teachersim/dialects/fields.h"
#include "tests/teachersim/dialects/logprobs.h"
#include "tests/teachersim/dialects/utterance.h"

namespace teachersim {
namespace {

namespace json = boost::json;

std::string cohere_finish_reason(const Utterance& said, const Stamp& stamp) {
  switch (said.end) {
    case Utterance::End::kStopped:
      return "STOP_SEQUENCE";
    case Utterance::End::kCut:
      return "MAX_TOKENS";
    case Utterance::End::kToolCall:
      return "TOOL_CALL";
    case Utterance::End::kRefused:
      return stamp.refusal_code.empty() ? "ERROR" : stamp.refusal_code;
    case Utterance::End::kDone:
      break;
  }
  return "COMPLETE";
}

json::array content_of(const Utterance& said) {
  json::array content;
  if (!said.thinking.empty()) content.push_back({{"type", "thinking"}, {"thinking", said.thinking}});
  if (!said.text.empty()) content.push_back({{"type", "text"}, {"text", said.text}});
  return content;
}

json::object tool_call(const Utterance& said, std::string_view arguments) {
  return {{"id", said.tool + "_" + said.call_id},
          {"type", "function"},
          {"function", {{"name", said.tool}, {"arguments", arguments}}}};
}

json::object cohere_usage(const Usage& usage) {
  const json::object tokens{{"input_tokens", usage.input_tokens}, {"output_tokens", usage.output_tokens}};
  return {{"billed_units", tokens}, {"tokens", tokens}, {"cached_tokens", usage.cached_tokens}};
}

json::array cohere_logprobs(const Wish& request, const AnswerShape& shape, std::string_view text) {
  json::array array;
  for (const TokenLogprob& entry : logprobs_of(text, request, shape, 0)) {
    array.push_back({{"text", entry.token},
                     {"token_ids", json::array{token_id(entry.token)}},
                     {"logprobs", json::array{entry.logprob}}});
  }
  return array;
}

class CohereStream {
 public:
  CohereStream(const Utterance& said, std::size_t piece) : said_(said), piece_(piece) {}

  std::vector<std::string> write(const Wish& request, const AnswerShape& shape, const Usage& usage,
                                 const Stamp& stamp) {
    add("message-start", {{"id", stamp.id},
                          {"delta",
                           {{"message",
                             {{"role", "assistant"},
                              {"content", json::array()},
                              {"tool_plan", ""},
                              {"tool_calls", json::array()},
                              {"citations", json::array()}}}}}});
    for (const json::value& block : content_of(said_)) add_block(block.as_object());
    if (!said_.tool.empty()) add_call();
    json::object end{{"finish_reason", cohere_finish_reason(said_, stamp)}, {"usage", cohere_usage(usage)}};
    if (request.logprobs) end["logprobs"] = cohere_logprobs(request, shape, said_.text);
    add("message-end", {{"id", stamp.id}, {"delta", std::move(end)}});
    return std::move(events_);
  }

 private:
  void add(std::string_view type, const json::object& members) {
    json::object event{{"type", type}};
    for (const auto& [name, value] : members) event[name] = value;
    events_.push_back(sse_event(type, json::serialize(event)));
  }

  void add_block(const json::object& block) {
    const std::string field(block.at("type").as_string());  // "text" or "thinking"
    json::object opening = block;
    opening[field] = "";
    add("content-start", {{"index", index_}, {"delta", {{"message", {{"content", std::move(opening)}}}}}});
    for (const std::string_view piece : pieces_of(block.at(field).as_string(), piece_)) {
      json::object content{{field, piece}};
      add("content-delta", {{"index", index_}, {"delta", {{"message", {{"content", std::move(content)}}}}}});
    }
    add("content-end", {{"index", index_++}});
  }

  void add_call() {
    add("tool-call-start", {{"index", 0}, {"delta", {{"message", {{"tool_calls", tool_call(said_, "")}}}}}});
    for (const std::string_view piece : pieces_of(said_.arguments, piece_)) {
      add("tool-call-delta",
          {{"index", 0}, {"delta", {{"message", {{"tool_calls", {{"function", {{"arguments", piece}}}}}}}}}});
    }
    add("tool-call-end", {{"index", 0}});
  }

  const Utterance& said_;
  const std::size_t piece_;
  int index_ = 0;
  std::vector<std::string> events_;
};

}  // namespace

std::variant<std::unique_ptr<Question>, Trouble> Cohere::read(std::string_view body) const {
  try {
    return std::unique_ptr<Question>(read_cohere_request(parse_object(body), shape_));
  } catch (const Mistake& mistake) {
    std::string message = "invalid request: " + (mistake.where.empty() ? "" : mistake.where + ": ") + mistake.what;
    return Trouble{Trouble::Kind::kBadRequest, 400, std::move(message), mistake.where, {}};
  }
}

Answer Cohere::answer(const Question& question, const Stamp& stamp) const {
  const auto& request = static_cast<const Wish&>(question);  // only this dialect's questions come here
  const Utterance said = utter(request, shape_, stamp.refuse).front();
  Answer answer;
  answer.usage = usage_of(request, shape_, {said});
  answer.contents.push_back(said.text);
  if (request.stream) {
    answer.content_type = "text/event-stream";
    answer.events =
        CohereStream(said, static_cast<std::size_t>(shape_.event_bytes)).write(request, shape_, answer.usage, stamp);
    return answer;
  }
  json::object message{{"role", "assistant"}};
  if (json::array content = content_of(said); !content.empty()) message["content"] = std::move(content);
  if (!said.tool.empty()) {
    message["tool_plan"] = "I will call " + said.tool + ".";
    message["tool_calls"] = json::array{tool_call(said, said.arguments)};
  }
  json::object body{{"id", stamp.id},
                    {"finish_reason", cohere_finish_reason(said, stamp)},
                    {"message", std::move(message)},
                    {"usage", cohere_usage(answer.usage)}};
  if (request.logprobs) body["logprobs"] = cohere_logprobs(request, shape_, said.text);
  answer.body = json::serialize(body);
  return answer;
}

Reply Cohere::reply(const Trouble& trouble) const {
  std::string_view message = trouble.message;
  if (trouble.kind == Trouble::Kind::kUnauthorized) message = "invalid api token";
  return {.status = trouble.kind == Trouble::Kind::kOutOfCredit ? 402 : trouble.status,
          .headers = {},
          .body = json::serialize(json::object{{"id", trouble.request_id}, {"message", message}}),
          .events = {}};
}

/// What breaks in the middle is the message's end.
std::string Cohere::error_event(const Trouble& trouble) const {
  const json::object event{{"type", "message-end"},
                           {"delta", {{"finish_reason", "ERROR"}, {"error", trouble.message}}}};
  return sse_event("message-end", json::serialize(event));
}

std::string Cohere::limit_headers(limits::Limits& limits, const Moment& now) const {
  constexpr std::int64_t kMicroseconds = 1'000'000;
  const limits::Standing requests = limits.standing(limits::Dimension::kRequests, now.now);
  if (requests.limit == 0) return {};
  const std::int64_t reset = now.utc_us / kMicroseconds + requests.reset_in / std::chrono::seconds(1) + 1;
  return "X-RateLimit-Reset: " + std::to_string(reset) + "\r\n";
}

}  // namespace teachersim
