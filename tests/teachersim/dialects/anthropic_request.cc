#include "tests/teachersim/dialects/anthropic_request.h"

#include <algorithm>
#include <cstdio>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/anthropic_models.h"
#include "tests/teachersim/dialects/fields.h"

namespace teachersim {
namespace {

namespace json = boost::json;

constexpr std::int64_t kBudgetMin = 1024;
constexpr const char* kUnknownField = "Extra inputs are not permitted";

class AnthropicReader {
 public:
  AnthropicReader(const json::object& body, AnthropicRequest& request) : body_(body), request_(request) {}

  void read(const AnswerShape& shape) {
    body_.only({"model",        "max_tokens",    "messages",      "system",      "stop_sequences", "temperature",
                "top_p",        "top_k",         "tools",         "tool_choice", "thinking",       "output_config",
                "service_tier", "metadata",      "cache_control", "stream",      "container",      "context_management",
                "mcp_servers",  "inference_geo", "speed",         "diagnostics"},
               kUnknownField);
    request_.model = body_.required_text("model");
    body_.required("max_tokens");
    request_.cap_per_choice = body_.integer("max_tokens", 0, 1, kOutputCapMax);
    request_.output_cap = request_.cap_per_choice;
    read_messages();
    read_sampling();
    read_thinking(shape);
    read_tools();
    read_format();
    request_.stream = body_.flag("stream");
    request_.stops = body_.strings("stop_sequences", 8192);
    request_.key = key_of(request_.model, body_.object(),
                          {"messages", "system", "temperature", "top_p", "top_k", "stop_sequences", "tools",
                           "tool_choice", "thinking", "output_config"});
  }

 private:
  void read_messages() {
    if (body_.has("system")) read_content(body_, "system");
    body_.required("messages");
    const json::array& messages = body_.list("messages");
    if (messages.empty()) body_.fail("messages", "at least one message is required");
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const Fields message(messages[i], body_.where("messages", i));
      message.only({"role", "content"}, kUnknownField);
      message.required("role");
      const std::string_view role = message.word("role", {"user", "assistant"});
      message.required("content");
      request_.input_tokens += kTokensPerMessage;
      std::string text = read_content(message, "content");
      if (role == "user") request_.prompt = std::move(text);
      const bool prefills = role == "assistant" && i + 1 == messages.size();
      if (prefills && refuses_sampling(request_.model)) {
        body_.fail("messages",
                   "This model does not support assistant message prefill. The conversation must end with "
                   "a user message.");
      }
    }
  }

  /// A string or a list of blocks; only the text of text blocks is returned.
  std::string read_content(const Fields& owner, std::string_view name) {
    const json::value& content = *owner.find(name);
    if (content.is_string()) {
      request_.count(content.get_string());
      return std::string(content.get_string());
    }
    std::string text;
    const json::array& blocks = owner.list(name);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const Fields block(blocks[i], owner.where(name, i));
      const std::string_view type = block.required_text("type");
      if (type != "text") {
        if (type == "thinking") check_signature(block);
        request_.count(json::serialize(blocks[i]));
        continue;
      }
      const std::string_view words = block.text("text");
      if (words.empty()) throw Mistake{"messages", "text content blocks must be non-empty"};
      request_.count(words);
      text += words;
    }
    return text;
  }

  static void check_signature(const Fields& block) {
    const std::string_view signature = block.required_text("signature");
    // A text that was not shown comes back empty, and cannot be checked.
    const std::string_view thinking = block.text("thinking");
    if (!thinking.empty() && signature != anthropic_signature(thinking)) {
      block.fail("signature", "Invalid `signature` in `thinking` block");
    }
  }

  void read_sampling() {
    body_.check_range("temperature", 0, 1);
    body_.check_range("top_p", 0, 1);
    body_.integer("top_k", 0, 0, 1'000'000);
    body_.word("service_tier", {"auto", "standard_only"});
    if (refuses_sampling(request_.model)) {
      for (const char* name : {"temperature", "top_p", "top_k"}) {
        const json::value* field = body_.find(name);
        const bool usual = field != nullptr && name != std::string_view("top_k") && field->to_number<double>() == 1.0;
        if (field != nullptr && !usual) throw Mistake{"", "`" + std::string(name) + "` is deprecated for this model."};
      }
    } else if (takes_one_sampling(request_.model) && body_.has("temperature") && body_.has("top_p")) {
      throw Mistake{"", "`temperature` and `top_p` cannot both be specified for this model. Please use only one."};
    }
  }

  void read_thinking(const AnswerShape& shape) {
    const Fields thinking = body_.part("thinking");
    if (!body_.has("thinking")) return;
    thinking.required("type");
    const std::string_view type = thinking.word("type", {"enabled", "adaptive", "disabled"});
    request_.shows_thinking = thinking.word("display", {"summarized", "omitted"}) != "omitted";
    if (type == "disabled") return;
    std::int64_t budget = request_.cap_per_choice;
    if (type == "enabled") {
      if (refuses_sampling(request_.model)) {
        thinking.fail("type",
                      "\"thinking.type.enabled\" is not supported for this model. Use "
                      "\"thinking.type.adaptive\" and \"output_config.effort\" to control thinking behavior.");
      }
      thinking.required("budget_tokens");
      budget = thinking.integer("budget_tokens", 0, kBudgetMin, kOutputCapMax);
      if (budget >= request_.cap_per_choice)
        throw Mistake{"", "`max_tokens` must be greater than `thinking.budget_tokens`."};
    }
    const json::value* temperature = body_.find("temperature");
    if (temperature != nullptr && temperature->to_number<double>() != 1.0) {
      throw Mistake{"", "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode."};
    }
    request_.thinking = thinking_tokens(shape, budget);
  }

  void read_tools() {
    const json::array& tools = body_.list("tools");
    if (!tools.empty()) request_.count(json::serialize(tools));
    const Fields choice = body_.part("tool_choice");
    if (body_.has("tool_choice")) choice.required("type");
    const std::string_view type = choice.word("type", {"auto", "any", "tool", "none"});
    const std::string_view wanted = type == "tool" ? choice.required_text("name") : std::string_view();
    request_.must_call_tool = type == "any" || type == "tool";
    if (request_.must_call_tool && request_.thinking > 0)
      throw Mistake{"", "Thinking may not be enabled when tool_choice forces tool use."};
    for (std::size_t i = 0; i < tools.size(); ++i) {
      const Fields tool(tools[i], body_.where("tools", i));
      const std::string_view name = tool.required_text("name");
      if (tool.has("type") && tool.text("type") != "custom") continue;  // run by the vendor
      const json::value& schema = tool.required("input_schema");
      if (type != "none" && (wanted.empty() || wanted == name)) request_.tools.push_back({std::string(name), schema});
    }
    if (request_.must_call_tool && request_.tools.empty())
      throw Mistake{"tool_choice", "Tool '" + std::string(wanted) + "' not found in provided tools"};
  }

  void read_format() {
    const Fields config = body_.part("output_config");
    config.only({"effort", "format"}, kUnknownField);
    config.word("effort", {"low", "medium", "high", "xhigh", "max"});
    const Fields format = config.part("format");
    if (!config.has("format")) return;
    format.required("type");
    format.word("type", {"json_schema"});
    request_.schema = format.required("schema");
    request_.count(json::serialize(request_.schema));
  }

  const Fields body_;
  AnthropicRequest& request_;
};

}  // namespace

std::unique_ptr<AnthropicRequest> read_anthropic_request(const json::object& body, const AnswerShape& shape) {
  auto request = std::make_unique<AnthropicRequest>();
  AnthropicReader(body, *request).read(shape);
  // Cache reads do not count against the limit on input.
  request->unlimited_input = static_cast<std::int64_t>(static_cast<double>(request->input_tokens) * shape.cached_share);
  return request;
}

std::string anthropic_signature(std::string_view thinking) {
  char text[24];
  std::snprintf(text, sizeof text, "EqQB%016llx==", static_cast<unsigned long long>(hash_of(thinking)));
  return text;
}

}  // namespace teachersim
