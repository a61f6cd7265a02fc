#include "tests/teachersim/dialects/cohere_request.h"

#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/fields.h"

namespace teachersim {
namespace {

namespace json = boost::json;

class CohereReader {
 public:
  CohereReader(const json::object& body, Wish& request) : body_(body), request_(request) {}

  void read(const AnswerShape& shape) {
    body_.only({"model",
                "messages",
                "stream",
                "max_tokens",
                "temperature",
                "p",
                "k",
                "seed",
                "stop_sequences",
                "frequency_penalty",
                "presence_penalty",
                "logprobs",
                "response_format",
                "thinking",
                "safety_mode",
                "tools",
                "tool_choice",
                "strict_tools",
                "documents",
                "citation_options",
                "raw_prompting",
                "priority"},
               "unknown field");
    request_.model = body_.required_text("model");
    read_messages();
    request_.cap_per_choice = body_.integer("max_tokens", shape.default_output_cap, 1, 1'000'000);
    request_.output_cap = request_.cap_per_choice;
    body_.check_range("temperature", 0, 1);
    body_.check_range("p", 0, 1);
    body_.integer("k", 0, 0, 500);
    body_.check_range("frequency_penalty", 0, 1);
    body_.check_range("presence_penalty", 0, 1);
    body_.word("safety_mode", {"CONTEXTUAL", "STRICT", "OFF"});
    request_.stops = body_.strings("stop_sequences", 5);
    request_.logprobs = body_.flag("logprobs");
    request_.stream = body_.flag("stream");
    const Fields thinking = body_.part("thinking");
    const std::string_view type = thinking.word("type", {"enabled", "disabled"});
    if (type == "enabled")
      request_.thinking =
          thinking_tokens(shape, thinking.integer("token_budget", request_.cap_per_choice, 1, 1'000'000));
    read_format();
    read_tools();
    request_.key = key_of(request_.model, body_.object(),
                          {"messages", "temperature", "p", "k", "seed", "stop_sequences", "frequency_penalty",
                           "presence_penalty", "response_format", "thinking", "safety_mode", "tools", "tool_choice"});
  }

 private:
  void read_messages() {
    const json::array& messages = body_.list("messages");
    if (messages.empty()) body_.fail("messages", "must have at least one message");
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const Fields message(messages[i], body_.where("messages", i));
      const std::string_view role = message.word("role", {"user", "assistant", "system", "tool"});
      message.required("role");
      request_.input_tokens += kTokensPerMessage;
      if (message.has("tool_calls")) request_.count(json::serialize(*message.find("tool_calls")));
      const json::value* content = message.find("content");
      std::string text;
      if (content != nullptr && content->is_array()) {
        for (const json::value& part : content->get_array()) {
          const Fields fields(part, message.where("content"));
          if (!fields.has("text")) request_.count(json::serialize(part));
          text += fields.text("text");
        }
      } else {
        text = message.text("content");
      }
      request_.count(text);
      if (role == "user") request_.prompt = std::move(text);
    }
  }

  void read_format() {
    const Fields format = body_.part("response_format");
    request_.json_object = format.word("type", {"text", "json_object"}) == "json_object";
    const json::value* schema = format.find("json_schema");
    if (schema == nullptr) schema = format.find("schema");
    if (schema == nullptr) return;
    request_.schema = *schema;
    request_.count(json::serialize(*schema));
  }

  void read_tools() {
    const json::array& tools = body_.list("tools");
    if (!tools.empty()) request_.count(json::serialize(tools));
    const std::string_view choice = body_.word("tool_choice", {"REQUIRED", "NONE"});
    for (const json::value& one : tools) {
      const Fields function = Fields(one, "tools").part("function");
      const json::value* parameters = function.find("parameters");
      if (choice == "NONE") continue;
      request_.tools.push_back({std::string(function.required_text("name")),
                                parameters == nullptr ? json::value(json::object()) : *parameters});
    }
    request_.must_call_tool = choice == "REQUIRED";
    if (request_.must_call_tool && request_.tools.empty()) body_.fail("tool_choice", "requires tools");
  }

  const Fields body_;
  Wish& request_;
};

}  // namespace

std::unique_ptr<Wish> read_cohere_request(const json::object& body, const AnswerShape& shape) {
  auto request = std::make_unique<Wish>();
  CohereReader(body, *request).read(shape);
  return request;
}

}  // namespace teachersim
