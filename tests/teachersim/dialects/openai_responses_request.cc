#include "tests/teachersim/dialects/openai_responses_request.h"

#include <algorithm>

#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/fields.h"

namespace teachersim {
namespace {

namespace json = boost::json;

constexpr std::string_view kKnown[] = {"model",
                                       "input",
                                       "instructions",
                                       "max_output_tokens",
                                       "temperature",
                                       "top_p",
                                       "tools",
                                       "top_logprobs",
                                       "tool_choice",
                                       "text",
                                       "reasoning",
                                       "include",
                                       "store",
                                       "background",
                                       "previous_response_id",
                                       "service_tier",
                                       "metadata",
                                       "stream",
                                       "stream_options",
                                       "parallel_tool_calls",
                                       "max_tool_calls",
                                       "truncation",
                                       "safety_identifier",
                                       "prompt_cache_key",
                                       "prompt_cache_retention",
                                       "prompt",
                                       "conversation",
                                       "user"};

class ResponsesReader {
 public:
  ResponsesReader(const json::object& body, ResponsesRequest& request) : body_(body), request_(request) {}

  void read(const AnswerShape& shape) {
    for (const auto& [name, value] : body_.object()) {
      const std::string_view key = name;
      if (std::find(std::begin(kKnown), std::end(kKnown), key) == std::end(kKnown))
        throw Mistake{std::string(key), "Unknown parameter: '" + std::string(key) + "'."};
    }
    request_.model = body_.required_text("model");
    request_.count(body_.text("instructions"));
    read_input();
    request_.cap_per_choice = body_.integer("max_output_tokens", shape.default_output_cap, 16, 1'000'000);
    request_.output_cap = request_.cap_per_choice;
    body_.check_range("temperature", 0, 2);
    body_.check_range("top_p", 0, 1);
    read_logprobs();
    read_tools();
    read_format();
    read_reasoning(shape);
    request_.stream = body_.flag("stream");
    request_.key =
        key_of(request_.model, body_.object(),
               {"input", "instructions", "temperature", "top_p", "tools", "tool_choice", "text", "reasoning"});
    for (const char* name : {"instructions", "max_output_tokens", "temperature", "top_p", "tools", "tool_choice",
                             "text", "metadata", "parallel_tool_calls", "store"}) {
      if (const json::value* field = body_.find(name)) request_.echoed[name] = *field;
    }
  }

 private:
  void read_input() {
    const json::value& input = body_.required("input");
    if (input.is_string()) {
      request_.input_tokens += kTokensPerMessage;
      request_.count(input.get_string());
      request_.prompt = std::string_view(input.get_string());
      return;
    }
    const json::array& items = body_.list("input");
    if (items.empty()) body_.fail("input", "Invalid 'input': expected at least one item.");
    for (std::size_t i = 0; i < items.size(); ++i) read_item(Fields(items[i], "input[" + std::to_string(i) + "]"));
  }

  void read_item(const Fields& item) {
    request_.input_tokens += kTokensPerMessage;
    if (item.has("type") && item.text("type") != "message") {
      request_.count(json::serialize(item.object()));
      return;
    }
    item.required("role");
    const std::string_view role = item.word("role", {"user", "assistant", "system", "developer"});
    const json::value& content = item.required("content");
    std::string text;
    if (content.is_string()) {
      text = std::string_view(content.get_string());
    } else {
      for (const json::value& part : item.list("content")) {
        const Fields fields(part, item.where("content"));
        const std::string_view type = fields.required_text("type");
        const bool fits = role == "assistant" ? type == "output_text" || type == "refusal" : type.starts_with("input_");
        if (!fits) fields.fail("type", "Invalid value: '" + std::string(type) + "'.");
        if (type == "input_text" || type == "output_text") text += fields.text("text");
        if (type != "input_text" && type != "output_text") request_.count(json::serialize(part));
      }
    }
    request_.count(text);
    if (role == "user") request_.prompt = std::move(text);
  }

  void read_logprobs() {
    request_.top_logprobs = static_cast<int>(body_.integer("top_logprobs", 0, 0, 20));
    const std::vector<std::string> include = body_.strings("include", 100);
    request_.logprobs = std::find(include.begin(), include.end(), "message.output_text.logprobs") != include.end();
  }

  /// Flat, unlike those of chat completions.
  void read_tools() {
    const json::array& tools = body_.list("tools");
    if (!tools.empty()) request_.count(json::serialize(tools));
    std::string_view wanted;
    std::string_view word;
    if (const json::value* choice = body_.find("tool_choice")) {
      if (choice->is_string()) word = body_.word("tool_choice", {"none", "auto", "required"});
      if (choice->is_object()) wanted = body_.part("tool_choice").text("name");
      request_.must_call_tool = word == "required" || choice->is_object();
    }
    for (std::size_t i = 0; i < tools.size(); ++i) {
      const Fields tool(tools[i], "tools[" + std::to_string(i) + "]");
      if (tool.required_text("type") != "function") continue;  // run by the vendor
      const std::string_view name = tool.required_text("name");
      const json::value* parameters = tool.find("parameters");
      if (word != "none" && (wanted.empty() || wanted == name))
        request_.tools.push_back(
            {std::string(name), parameters == nullptr ? json::value(json::object()) : *parameters});
    }
    if (request_.must_call_tool && request_.tools.empty())
      throw Mistake{"tool_choice", "Tool choice names a function that is not among 'tools'."};
  }

  void read_format() {
    const Fields format = body_.part("text").part("format");
    const std::string_view type = format.word("type", {"text", "json_object", "json_schema"});
    request_.json_object = type == "json_object";
    if (type != "json_schema") return;
    format.required_text("name");
    request_.schema = format.required("schema");
    request_.count(json::serialize(request_.schema));
  }

  void read_reasoning(const AnswerShape& shape) {
    const Fields reasoning = body_.part("reasoning");
    const std::string_view effort =
        reasoning.word("effort", {"none", "minimal", "low", "medium", "high", "xhigh", "max"});
    request_.shows_summary = !reasoning.word("summary", {"auto", "concise", "detailed"}).empty();
    request_.thinking = effort.empty() && !request_.shows_summary ? shape.reasoning_tokens
                                                                  : thinking_tokens(shape, request_.cap_per_choice);
    if (effort == "none") request_.thinking = 0;
  }

  const Fields body_;
  ResponsesRequest& request_;
};

}  // namespace

std::unique_ptr<ResponsesRequest> read_responses_request(const json::object& body, const AnswerShape& shape) {
  auto request = std::make_unique<ResponsesRequest>();
  ResponsesReader(body, *request).read(shape);
  return request;
}

}  // namespace teachersim
