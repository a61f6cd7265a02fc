#include "tests/teachersim/dialects/bedrock_request.h"

#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/fields.h"

namespace teachersim {
namespace {

namespace json = boost::json;

class ConverseReader {
 public:
  ConverseReader(const json::object& body, Wish& request) : body_(body), request_(request) {}

  void read(const AnswerShape& shape) {
    body_.only({"messages", "system", "inferenceConfig", "toolConfig", "outputConfig", "serviceTier", "guardrailConfig",
                "requestMetadata", "additionalModelRequestFields", "additionalModelResponseFieldPaths",
                "promptVariables", "performanceConfig"},
               "extraneous key is not permitted");
    for (const json::value& block : body_.list("system")) count_block(Fields(block, "system"));
    read_messages();
    const Fields config = body_.part("inferenceConfig");
    config.only({"maxTokens", "temperature", "topP", "stopSequences"}, "extraneous key is not permitted");
    // Unset means as much as the model can say.
    request_.cap_per_choice = config.integer("maxTokens", shape.default_output_cap, 1, kOutputCapMax);
    request_.output_cap = request_.cap_per_choice;
    config.check_range("temperature", 0, 1);
    config.check_range("topP", 0, 1);
    request_.stops = config.strings("stopSequences", 2500);
    read_thinking(shape);
    read_tools();
    read_format();
    json::object shaping = body_.object();
    if (config.has("maxTokens")) {
      json::object& inference = shaping["inferenceConfig"].as_object();
      inference.erase("maxTokens");
      if (inference.empty()) shaping.erase("inferenceConfig");
    }
    request_.key =
        key_of(request_.model, shaping,
               {"messages", "system", "inferenceConfig", "toolConfig", "outputConfig", "additionalModelRequestFields"});
  }

 private:
  std::string_view count_block(const Fields& block) {
    if (!block.has("text")) {
      request_.count(json::serialize(block.object()));
      return {};
    }
    request_.count(block.text("text"));
    return block.text("text");
  }

  void read_messages() {
    const json::array& messages = body_.list("messages");
    if (messages.empty())
      throw Mistake{"",
                    "A conversation must start with a user message. Try again with a "
                    "conversation that starts with a user message."};
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const Fields message(messages[i], body_.where("messages", i));
      message.required("role");
      const std::string_view role = message.word("role", {"user", "assistant"});
      request_.input_tokens += kTokensPerMessage;
      std::string text;
      if (message.list("content").empty()) message.fail("content", "must have at least one block");
      for (const json::value& block : message.list("content"))
        text += count_block(Fields(block, message.where("content")));
      if (role == "user") request_.prompt = std::move(text);
    }
  }

  void read_thinking(const AnswerShape& shape) {
    const Fields thinking = body_.part("additionalModelRequestFields").part("thinking");
    const std::string_view type = thinking.word("type", {"enabled", "adaptive", "disabled"});
    if (type.empty() || type == "disabled") return;
    const std::int64_t budget = thinking.integer("budget_tokens", request_.cap_per_choice, 1024, kOutputCapMax);
    request_.thinking = thinking_tokens(shape, budget);
  }

  void read_tools() {
    const Fields config = body_.part("toolConfig");
    if (!body_.has("toolConfig")) return;
    request_.count(json::serialize(config.object()));
    const Fields choice = config.part("toolChoice");
    const std::string_view wanted = choice.part("tool").text("name");
    request_.must_call_tool = choice.has("any") || choice.has("tool");
    for (const json::value& one : config.list("tools")) {
      const Fields spec = Fields(one, "toolConfig.tools").part("toolSpec");
      if (spec.object().empty()) continue;
      const std::string_view name = spec.required_text("name");
      const Fields schema = spec.part("inputSchema");
      if (wanted.empty() || wanted == name) request_.tools.push_back({std::string(name), schema.required("json")});
    }
    if (request_.must_call_tool && request_.tools.empty()) config.fail("toolChoice", "names no tool of the list");
  }

  /// The schema is a text inside the JSON.
  void read_format() {
    const Fields format = body_.part("outputConfig").part("textFormat");
    if (format.word("type", {"json_schema"}).empty()) return;
    const Fields schema = format.part("structure").part("jsonSchema");
    json::error_code error;
    request_.schema = json::parse(schema.required_text("schema"), error);
    if (error || !request_.schema.is_object()) schema.fail("schema", "is not a valid JSON Schema");
    request_.count(schema.text("schema"));
  }

  const Fields body_;
  Wish& request_;
};

}  // namespace

std::unique_ptr<Wish> read_bedrock_request(std::string_view model, const json::object& body, const AnswerShape& shape) {
  auto request = std::make_unique<Wish>();
  request->model = model;
  ConverseReader(body, *request).read(shape);
  return request;
}

}  // namespace teachersim
