#include "tests/teachersim/dialects/chat_request.h"

#include <algorithm>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/answers/tokenizer.h"

namespace teachersim {
namespace {

namespace json = boost::json;

constexpr int kChoicesMax = 128;
constexpr int kTopLogprobsMax = 20;
constexpr std::size_t kJsonDepthMax = 200;

/// Fields that shape the answer beside the messages, in a fixed order. Output caps and `n` do not: a longer cap shows
/// more of the same text, and choice i is the same whatever n is.
constexpr const char* kShaping[] = {"temperature", "top_p",           "seed",  "frequency_penalty", "presence_penalty",
                                    "stop",        "response_format", "tools", "tool_choice",       "reasoning_effort"};

/// Reads one request; the first mistake found is kept and ends the reading.
class ChatReader {
 public:
  ChatReader(const json::object& body, ChatRequest& request) : body_(body), request_(request) {}

  void read(std::int64_t default_output_cap, std::string_view model) {
    request_.model = model;
    if (model.empty()) read_model();
    read_messages();
    read_counts(default_output_cap);
    read_format();
    read_tools();
    read_stops();
    std::uint64_t key = hash_of(request_.model);
    key = hash_of(json::serialize(body_.at("messages")), key);
    for (const char* name : kShaping) {
      if (const json::value* field = body_.if_contains(name))
        key = hash_of(json::serialize(*field), hash_of(name, key));
    }
    request_.key = key;
  }

  /// Thrown inside this file only: the mistake that ends the reading.
  struct Mistake {
    std::string message;
    std::string param;
  };

 private:
  [[noreturn]] static void fail(std::string message, std::string param) {
    throw Mistake{std::move(message), std::move(param)};
  }

  void read_model() {
    const json::value* model = body_.if_contains("model");
    if (model == nullptr || !model->is_string() || model->get_string().empty()) {
      fail("you must provide a model parameter", "model");
    }
    request_.model = std::string_view(model->get_string());
  }

  void read_messages() {
    const json::value* messages = body_.if_contains("messages");
    if (messages == nullptr) fail("Missing required parameter: 'messages'.", "messages");
    if (!messages->is_array() || messages->get_array().empty()) {
      fail("Invalid 'messages': expected an array with at least one message.", "messages");
    }
    std::size_t index = 0;
    for (const json::value& message : messages->get_array()) {
      read_message(message, "messages[" + std::to_string(index++) + "]");
    }
  }

  void read_message(const json::value& message, const std::string& where) {
    const json::object* fields = message.if_object();
    if (fields == nullptr) fail("Invalid type for '" + where + "': expected an object.", where);
    const json::value* role = fields->if_contains("role");
    if (role == nullptr || !role->is_string())
      fail("Missing required parameter: '" + where + ".role'.", where + ".role");
    static constexpr std::string_view kRoles[] = {"developer", "system", "user", "assistant", "tool", "function"};
    const std::string_view name = role->get_string();
    if (std::find(std::begin(kRoles), std::end(kRoles), name) == std::end(kRoles)) {
      fail("Invalid value: '" + std::string(name) +
               "'. Supported values are: 'developer', 'system', 'user', 'assistant', "
               "'tool' and 'function'.",
           where + ".role");
    }
    request_.input_tokens += kTokensPerMessage;
    if (const json::value* calls = fields->if_contains("tool_calls")) count(json::serialize(*calls));
    const json::value* content = fields->if_contains("content");
    if (content == nullptr || content->is_null()) {
      if (name != "assistant") fail("Invalid value for 'content': expected a string, got null.", where + ".content");
      return;
    }
    std::string text = read_content(*content, where + ".content");
    if (name == "user") request_.prompt = std::move(text);
  }

  std::string read_content(const json::value& content, const std::string& where) {
    if (content.is_string()) {
      count(content.get_string());
      return std::string(content.get_string());
    }
    if (!content.is_array()) fail("Invalid type for '" + where + "': expected a string or an array of parts.", where);
    std::string text;
    for (const json::value& part : content.get_array()) {
      const json::object* fields = part.if_object();
      if (fields == nullptr) fail("Invalid type for '" + where + "': expected objects as parts.", where);
      const json::value* words = fields->if_contains("text");
      if (words != nullptr && words->is_string()) {
        count(words->get_string());
        text += std::string_view(words->get_string());
      } else {
        count(json::serialize(part));
      }
    }
    return text;
  }

  void read_counts(std::int64_t default_output_cap) {
    request_.choices = static_cast<int>(integer("n", 1, 1, kChoicesMax));
    const std::int64_t older = integer("max_tokens", default_output_cap, 1, kOutputCapMax);
    request_.cap_per_choice = integer("max_completion_tokens", older, 1, kOutputCapMax);
    request_.output_cap = request_.cap_per_choice * request_.choices;
    check_range("temperature", 0, 2);
    check_range("top_p", 0, 1);
    check_range("frequency_penalty", -2, 2);
    check_range("presence_penalty", -2, 2);
    request_.logprobs = flag(body_, "logprobs");
    request_.top_logprobs = static_cast<int>(integer("top_logprobs", 0, 0, kTopLogprobsMax));
    if (request_.top_logprobs > 0 && !request_.logprobs) {
      fail("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs");
    }
    request_.stream = flag(body_, "stream");
    const json::value* options = body_.if_contains("stream_options");
    if (options == nullptr || options->is_null()) return;
    if (!request_.stream)
      fail("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
    request_.stream_usage = options->is_object() && flag(options->get_object(), "include_usage");
  }

  void read_format() {
    const json::value* format = body_.if_contains("response_format");
    if (format == nullptr || format->is_null()) return;
    const std::string_view type = format->is_object() ? text_at(format->get_object(), "type") : std::string_view();
    if (type == "text") return;
    if (type == "json_object") {
      request_.format = ChatRequest::Format::kJsonObject;
    } else if (type == "json_schema") {
      const json::value* wrapper = format->get_object().if_contains("json_schema");
      const json::value* schema =
          wrapper != nullptr && wrapper->is_object() ? wrapper->get_object().if_contains("schema") : nullptr;
      if (schema == nullptr || !schema->is_object()) {
        fail("Missing required parameter: 'response_format.json_schema.schema'.", "response_format.json_schema.schema");
      }
      count(json::serialize(*schema));
      request_.format = ChatRequest::Format::kJsonSchema;
      request_.schema = *schema;
    } else {
      fail("Invalid value for 'response_format.type'. Supported values are: 'text', 'json_object' and 'json_schema'.",
           "response_format.type");
    }
  }

  void read_tools() {
    const json::value* tools = body_.if_contains("tools");
    if (tools == nullptr || tools->is_null()) return;
    if (!tools->is_array() || tools->get_array().empty()) fail("Invalid 'tools': expected a non-empty array.", "tools");
    count(json::serialize(*tools));
    const json::value* choice = body_.if_contains("tool_choice");
    const std::string_view word =
        choice != nullptr && choice->is_string() ? std::string_view(choice->get_string()) : "";
    if (word == "none") return;
    request_.must_call_tool = word == "required" || (choice != nullptr && choice->is_object());
    std::string_view wanted;
    if (choice != nullptr && choice->is_object()) wanted = text_at(function_of(*choice, "tool_choice"), "name");
    for (const json::value& tool : tools->get_array()) {
      const json::object& function = function_of(tool, "tools");
      const std::string_view name = text_at(function, "name");
      if (name.empty()) fail("Missing required parameter: 'tools[].function.name'.", "tools");
      if (!wanted.empty() && name != wanted) continue;
      const json::value* parameters = function.if_contains("parameters");
      // Copied into the default memory: a plain copy would stay in the parser's, which ends with the reading.
      const json::storage_ptr own;
      json::value schema = parameters == nullptr ? json::value(json::object(), own) : json::value(*parameters, own);
      request_.tools.push_back({std::string(name), std::move(schema)});
    }
    if (request_.tools.empty()) fail("Tool choice names a function that is not among 'tools'.", "tool_choice");
  }

  void read_stops() {
    const json::value* stop = body_.if_contains("stop");
    if (stop == nullptr || stop->is_null()) return;
    if (stop->is_string()) {
      request_.stops.emplace_back(stop->get_string());
      return;
    }
    if (!stop->is_array() || stop->get_array().size() > 4) fail("Invalid 'stop': expected at most 4 strings.", "stop");
    for (const json::value& one : stop->get_array()) {
      if (!one.is_string()) fail("Invalid 'stop': expected at most 4 strings.", "stop");
      request_.stops.emplace_back(one.get_string());
    }
  }

  std::int64_t integer(const char* name, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
    const json::value* field = body_.if_contains(name);
    if (field == nullptr || field->is_null()) return otherwise;
    boost::system::error_code inexact;
    const auto value = field->is_number() ? field->to_number<std::int64_t>(inexact) : 0;
    if (!field->is_number() || inexact)
      fail(std::string("Invalid type for '") + name + "': expected an integer.", name);
    if (value < least || value > most) {
      fail(std::string("Invalid '") + name + "': expected a value between " + std::to_string(least) + " and " +
               std::to_string(most) + ", but got " + std::to_string(value) + " instead.",
           name);
    }
    return value;
  }

  void check_range(const char* name, double least, double most) {
    const json::value* field = body_.if_contains(name);
    if (field == nullptr || field->is_null()) return;
    if (!field->is_number()) fail(std::string("Invalid type for '") + name + "': expected a number.", name);
    const auto value = field->to_number<double>();
    if (value < least || value > most) fail(std::string("Invalid '") + name + "': out of range.", name);
  }

  static bool flag(const json::object& object, const char* name) {
    const json::value* field = object.if_contains(name);
    return field != nullptr && field->is_bool() && field->get_bool();
  }

  static std::string_view text_at(const json::object& object, const char* name) {
    const json::value* field = object.if_contains(name);
    return field != nullptr && field->is_string() ? std::string_view(field->get_string()) : std::string_view();
  }

  static const json::object& function_of(const json::value& tool, const char* where) {
    const json::value* function = tool.is_object() ? tool.get_object().if_contains("function") : nullptr;
    if (function == nullptr || !function->is_object()) {
      fail(std::string("Missing required parameter: '") + where + ".function'.", where);
    }
    return function->get_object();
  }

  void count(std::string_view text) { request_.input_tokens += tokens_in(text); }

  const json::object& body_;
  ChatRequest& request_;
};

Trouble bad_chat_request(std::string message, std::string param) {
  return Trouble{Trouble::Kind::kBadRequest, 400, std::move(message), std::move(param), {}};
}

}  // namespace

std::variant<std::unique_ptr<ChatRequest>, Trouble> read_chat_request(std::string_view body,
                                                                      std::int64_t default_output_cap,
                                                                      std::string_view model) {
  json::error_code error;
  json::monotonic_resource memory;
  const json::value parsed = json::parse(json::string_view(body.data(), body.size()), error, &memory,
                                         json::parse_options{.max_depth = kJsonDepthMax});
  if (error || !parsed.is_object()) {
    return bad_chat_request("We could not parse the JSON body of your request.", "");
  }
  auto request = std::make_unique<ChatRequest>();
  try {
    ChatReader(parsed.get_object(), *request).read(default_output_cap, model);
  } catch (ChatReader::Mistake& mistake) {
    return bad_chat_request(std::move(mistake.message), std::move(mistake.param));
  }
  return request;
}

}  // namespace teachersim
