#include "tests/teachersim/dialects/gemini_request.h"

#include <algorithm>
#include <cctype>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/fields.h"

namespace teachersim {
namespace {

namespace json = boost::json;

/// The vendor's schemas write their types in capitals.
void lower_types(json::value& schema) {
  if (json::array* list = schema.if_array()) {
    for (json::value& one : *list) lower_types(one);
    return;
  }
  json::object* object = schema.if_object();
  if (object == nullptr) return;
  for (auto& [name, member] : *object) {
    if (name == "type" && member.is_string()) {
      for (char& c : member.get_string()) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else {
      lower_types(member);
    }
  }
}

class GeminiReader {
 public:
  GeminiReader(const json::object& body, GeminiRequest& request) : body_(body), request_(request) {}

  void read(const AnswerShape& shape) {
    only(body_, {"contents", "systemInstruction", "tools", "toolConfig", "safetySettings", "cachedContent",
                 "generationConfig", "serviceTier", "store", "labels", "modelArmorConfig", "model"});
    const Fields config = body_.part("generationConfig");
    only(config, {"temperature",
                  "topP",
                  "topK",
                  "candidateCount",
                  "maxOutputTokens",
                  "stopSequences",
                  "seed",
                  "presencePenalty",
                  "frequencyPenalty",
                  "responseMimeType",
                  "responseSchema",
                  "responseJsonSchema",
                  "responseLogprobs",
                  "logprobs",
                  "thinkingConfig",
                  "responseModalities",
                  "mediaResolution",
                  "speechConfig",
                  "audioTimestamp",
                  "enableEnhancedCivicAnswers"});
    if (body_.has("systemInstruction")) read_parts(body_.part("systemInstruction"));
    read_contents();
    read_figures(config, shape);
    read_thinking(config.part("thinkingConfig"), shape);
    read_format(config);
    read_tools();
    request_.key = key();
  }

 private:
  static void only(const Fields& fields, std::initializer_list<std::string_view> names) {
    for (const auto& [name, value] : fields.object()) {
      if (std::find(names.begin(), names.end(), std::string_view(name)) == names.end()) {
        throw Mistake{"", "Invalid JSON payload received. Unknown name \"" + std::string(name) + "\"" +
                              (fields.where("").empty() ? "" : " at 'generation_config'") + ": Cannot find field."};
      }
    }
  }

  void read_contents() {
    const json::array& contents = body_.list("contents");
    if (contents.empty()) throw Mistake{"", "* GenerateContentRequest.contents: contents is not specified\n"};
    for (std::size_t i = 0; i < contents.size(); ++i) {
      const Fields content(contents[i], body_.where("contents", i));
      const std::string_view role = content.text("role");
      if (!role.empty() && role != "user" && role != "model")
        throw Mistake{"", "Please use a valid role: user, model."};
      request_.input_tokens += kTokensPerMessage;
      std::string text = read_parts(content);
      if (role != "model") request_.prompt = std::move(text);
    }
  }

  std::string read_parts(const Fields& content) {
    std::string text;
    const json::array& parts = content.list("parts");
    if (parts.empty())
      throw Mistake{"", "* GenerateContentRequest." + content.where("parts") + ": must not be empty\n"};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Fields part(parts[i], content.where("parts", i));
      const bool says = part.has("text");
      request_.count(says ? std::string(part.text("text")) : json::serialize(parts[i]));
      text += part.text("text");
    }
    return text;
  }

  void read_figures(const Fields& config, const AnswerShape& shape) {
    request_.choices = static_cast<int>(config.integer("candidateCount", 1, 1, 8));
    request_.cap_per_choice = config.integer("maxOutputTokens", shape.default_output_cap, 1, kOutputCapMax);
    request_.output_cap = request_.cap_per_choice * request_.choices;
    request_.stops = config.strings("stopSequences", 5);
    config.check_range("temperature", 0, 2);
    config.check_range("topP", 0, 1);
    config.check_range("presencePenalty", -2, 2);
    config.check_range("frequencyPenalty", -2, 2);
    config.integer("seed", 0, INT32_MIN, INT32_MAX);
    request_.logprobs = config.flag("responseLogprobs");
    request_.top_logprobs = static_cast<int>(config.integer("logprobs", 0, 0, 20));
    if (config.has("logprobs") && !request_.logprobs)
      throw Mistake{"", "Invalid argument: logprobs is only allowed when response_logprobs is true."};
  }

  /// Thoughts are billed whether or not they are shown.
  void read_thinking(const Fields& config, const AnswerShape& shape) {
    request_.shows_thoughts = config.flag("includeThoughts");
    const std::int64_t budget = config.integer("thinkingBudget", -1, -1, kOutputCapMax);
    config.word("thinkingLevel", {"THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH"});
    if (config.has("thinkingBudget") && config.has("thinkingLevel"))
      throw Mistake{"", "You can only set only one of thinking budget and thinking level."};
    const bool asked = request_.shows_thoughts || budget > 0 || config.has("thinkingLevel");
    request_.thinking = budget == -1 && !asked ? shape.reasoning_tokens
                                               : thinking_tokens(shape, budget < 0 ? request_.cap_per_choice : budget);
  }

  void read_format(const Fields& config) {
    const std::string_view type = config.word("responseMimeType", {"text/plain", "application/json", "text/x.enum"});
    request_.json_object = type == "application/json";
    for (const char* name : {"responseSchema", "responseJsonSchema"}) {
      const json::value* schema = config.find(name);
      if (schema == nullptr) continue;
      if (!request_.schema.is_null())
        throw Mistake{"", "Only one of response_schema and response_json_schema can be set."};
      if (!request_.json_object)
        throw Mistake{"", "Function calling config or response schema requires response_mime_type: application/json."};
      request_.count(json::serialize(*schema));
      request_.schema = *schema;
      lower_types(request_.schema);
    }
  }

  void read_tools() {
    const json::array& tools = body_.list("tools");
    if (!tools.empty()) request_.count(json::serialize(tools));
    const Fields config = body_.part("toolConfig").part("functionCallingConfig");
    const std::string_view mode = config.word("mode", {"MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"});
    const std::vector<std::string> allowed = config.strings("allowedFunctionNames", 1000);
    for (std::size_t i = 0; i < tools.size(); ++i) {
      const Fields tool(tools[i], body_.where("tools", i));
      for (const json::value& declaration : tool.list("functionDeclarations")) {
        const Fields function(declaration, tool.where("functionDeclarations"));
        std::string name(function.required_text("name"));
        const bool may = allowed.empty() || std::find(allowed.begin(), allowed.end(), name) != allowed.end();
        const json::value* schema = function.find("parameters");
        if (schema == nullptr) schema = function.find("parametersJsonSchema");
        if (schema == nullptr) schema = function.find("parameters_json_schema");  // as the vendor's client writes it
        json::value parameters = schema == nullptr ? json::value(json::object()) : *schema;
        lower_types(parameters);
        if (may && mode != "NONE") request_.tools.push_back({std::move(name), std::move(parameters)});
      }
    }
    request_.must_call_tool = mode == "ANY";
    if (request_.must_call_tool && request_.tools.empty())
      throw Mistake{"", "Function calling config is set without function_declarations."};
  }

  /// Caps and counts do not change what is said.
  std::uint64_t key() const {
    json::object shaping = body_.object();
    if (json::value* config = shaping.if_contains("generationConfig"); config != nullptr && config->is_object()) {
      for (const char* name : {"candidateCount", "maxOutputTokens", "responseLogprobs", "logprobs"})
        config->get_object().erase(name);
      if (config->get_object().empty()) shaping.erase("generationConfig");
    }
    return key_of(request_.model, shaping,
                  {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig"});
  }

  const Fields body_;
  GeminiRequest& request_;
};

}  // namespace

std::unique_ptr<GeminiRequest> read_gemini_request(std::string_view model, const json::object& body,
                                                   const AnswerShape& shape) {
  auto request = std::make_unique<GeminiRequest>();
  request->model = model;
  GeminiReader(body, *request).read(shape);
  return request;
}

}  // namespace teachersim
