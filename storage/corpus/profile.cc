#include "storage/corpus/profile.h"

#include <simdjson.h>

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/columns.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/soft_label_row.h"

namespace harvest::corpus {
namespace {

namespace json = boost::json;

/// How a profile says what all of them say.
struct Shape {
  Profile profile;
  std::string_view name;
  std::vector<std::string_view> columns;
  bool is_plain = false;        ///< its trainer opens files itself, and unpacks none
  bool objects = false;         ///< arguments of tool calls are objects; else texts with JSON in them
  bool tools_are_list = false;  ///< else a text with JSON in it
  bool thinks_inline = false;   ///< reasoning stands in the content, between <think> and </think>
  bool alternates = false;      ///< user and assistant take turns, or its trainer drops the row
  bool is_typed = false;        ///< only texts that every message has: calls of tools have no place
  bool is_bare = false;         ///< only keys that say something: its readers refuse others
};

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> kShapes{
      {.profile = Profile::kTrl, .name = "trl", .columns = {"record_id", "messages", "tools"}},
      {.profile = Profile::kAxolotl, .name = "axolotl", .columns = {"record_id", "messages", "tools"}},
      {.profile = Profile::kLlamaFactory,
       .name = "llama-factory",
       .columns = {"record_id", "messages", "tools"},
       .is_plain = true,
       .objects = true,
       .thinks_inline = true,
       .alternates = true},
      {.profile = Profile::kNemo,
       .name = "nemo",
       .columns = {"record_id", "messages", "tools"},
       .is_plain = true,
       .objects = true,
       .tools_are_list = true},
      {.profile = Profile::kOpenai, .name = "openai", .columns = {"messages"}, .tools_are_list = true, .is_bare = true},
      {.profile = Profile::kPromptCompletion,
       .name = "prompt-completion",
       .columns = {"record_id", "prompt", "completion", "tools"}},
      {.profile = Profile::kPreference,
       .name = "preference",
       .columns = {"record_id", "prompt", "chosen", "rejected", "tools", "rejected_record_id"}},
      {.profile = Profile::kSoftLabels,
       .name = "soft-labels",
       .columns = {"record_id", "messages", "tools", "tokenizer_id", "logprobs", "target_token_ids", "input_ids",
                   "token_ids", "top_values"},
       .is_typed = true},
  };
  return kShapes;
}

const Shape& shape_of(Profile profile) {
  const auto found =
      std::find_if(shapes().begin(), shapes().end(), [&](const Shape& shape) { return shape.profile == profile; });
  assert(found != shapes().end());  // kRecord has no shape: its rows are written by record.h
  return *found;
}

/// Deeper than any tool's arguments; a document of a million brackets must not end us.
constexpr size_t kDepthMax = 256;

std::optional<json::value> parsed(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error) return std::nullopt;
  return value;
}

/// The calls as the profile has them; nothing where they are no JSON. Arguments that become objects keep every
/// character: they are put where a mark stood.
std::optional<std::string> tool_calls(const Shape& shape, const std::string& calls_json) {
  if (!shape.objects) return calls_json;
  std::optional<json::value> calls = parsed(calls_json);
  if (!calls || !calls->is_array()) return std::nullopt;
  std::vector<std::string> objects;
  for (json::value& call : calls->get_array()) {
    json::value* function = call.is_object() ? call.get_object().if_contains("function") : nullptr;
    json::value* arguments =
        function != nullptr && function->is_object() ? function->get_object().if_contains("arguments") : nullptr;
    if (arguments == nullptr || !arguments->is_string()) continue;
    const json::string& text = arguments->get_string();
    std::string object = text.empty() ? "{}" : std::string(text.data(), text.size());
    if (!parsed(object)) return std::nullopt;
    *arguments = json::string(absl::StrCat("@arguments ", objects.size(), "@"));
    objects.push_back(std::move(object));
  }
  std::string said = json::serialize(*calls);
  size_t at = 0;
  for (size_t i = 0; i < objects.size(); ++i) {
    const std::string mark = absl::StrCat("\"@arguments ", i, "@\"");
    at = said.find(mark, at);
    said.replace(at, mark.size(), objects[i]);
    at += objects[i].size();
  }
  return said;
}

void append_field(std::string& out, std::string_view key, std::string_view text) {
  absl::StrAppend(&out, out.back() == '{' ? "\"" : ",\"", std::string(key), "\":");
  append_json_string(out, text);
}

/// What is said in words; nothing where some of it is not words.
std::optional<std::string> words_of(const v1::Message& message) {
  if (message.parts_json().empty()) return message.content();
  const std::optional<json::value> parts = parsed(message.parts_json());
  if (!parts || !parts->is_array()) return std::nullopt;
  std::string words;
  for (const json::value& part : parts->get_array()) {
    const json::value* text = part.is_object() ? part.get_object().if_contains("text") : nullptr;
    if (text == nullptr || !text->is_string()) return std::nullopt;
    words.append(text->get_string().data(), text->get_string().size());
  }
  return words;
}

std::optional<std::string> content_of(const Shape& shape, const v1::Message& message) {
  std::optional<std::string> words = words_of(message);
  if (!words || !shape.thinks_inline || message.reasoning_content().empty()) return words;
  return absl::StrCat("<think>\n", message.reasoning_content(), "\n</think>\n\n", *words);
}

bool append_message(std::string& out, const Shape& shape, const v1::Message& message) {
  out += '{';
  append_field(out, "role", message.role());
  const bool calls = !message.tool_calls_json().empty();
  if (shape.is_typed && (calls || !message.tool_call_id().empty() || !message.name().empty())) return false;
  if (shape.is_bare && !message.parts_json().empty())
    absl::StrAppend(&out, ",\"content\":", message.parts_json());
  else if (!shape.is_bare || !calls || !message.content().empty()) {
    const std::optional<std::string> content = content_of(shape, message);
    if (!content) return false;
    append_field(out, "content", *content);
  }
  // In every message, so that readers which guess types find a text in the first one.
  if (!shape.is_bare && !shape.thinks_inline) append_field(out, "reasoning_content", message.reasoning_content());
  if (calls) {
    const std::optional<std::string> said = tool_calls(shape, message.tool_calls_json());
    if (!said) return false;
    absl::StrAppend(&out, ",\"tool_calls\":", *said);
  }
  if (!message.tool_call_id().empty()) append_field(out, "tool_call_id", message.tool_call_id());
  if (!message.name().empty()) append_field(out, "name", message.name());
  out += '}';
  return true;
}

bool append_messages(std::string& out, const Shape& shape, std::string_view key,
                     std::span<const v1::Message* const> messages) {
  absl::StrAppend(&out, out.back() == '{' ? "\"" : ",\"", std::string(key), "\":[");
  for (const v1::Message* message : messages) {
    if (out.back() == '}') out += ',';
    if (!append_message(out, shape, *message)) return false;
  }
  out += ']';
  return true;
}

void append_tools(std::string& out, const Shape& shape, const std::string& tools_json) {
  const std::string& tools = tools_json.empty() ? "[]" : tools_json;
  if (!shape.tools_are_list)
    append_field(out, "tools", tools);
  else if (!shape.is_bare || !tools_json.empty())
    absl::StrAppend(&out, ",\"tools\":", tools);
}

/// A tool's answer has the user's turn.
bool is_alternating(std::span<const v1::Message* const> messages) {
  bool users_turn = true;
  for (const v1::Message* message : messages) {
    if (message->role() == "system" || message->role() == "developer") {
      if (message != messages.front()) return false;
      continue;
    }
    if ((message->role() != "assistant") != users_turn) return false;
    users_turn = !users_turn;
  }
  return users_turn;
}

bool append_labels_of(std::string& out, const RecordFacts& facts) {
  const int choice = static_cast<int>(facts.pair.choice());
  return choice < facts.answer.soft_labels_size() && append_soft_labels(out, facts.answer.soft_labels(choice));
}

bool append_whole(std::string& out, const Shape& shape, const RecordFacts& facts) {
  std::vector<const v1::Message*> messages;
  for (const v1::Message& message : facts.prompt.messages()) messages.push_back(&message);
  messages.push_back(&facts.message);
  const std::span<const v1::Message* const> all(messages);
  if (shape.alternates && !is_alternating(all)) return false;
  out += '{';
  if (!shape.is_bare) append_field(out, "record_id", facts.pair.record_id());
  const bool said = shape.profile == Profile::kPromptCompletion
                        ? append_messages(out, shape, "prompt", all.first(all.size() - 1)) &&
                              append_messages(out, shape, "completion", all.last(1))
                        : append_messages(out, shape, "messages", all);
  if (!said) return false;
  append_tools(out, shape, facts.prompt.tools_json());
  if (shape.profile == Profile::kSoftLabels && !append_labels_of(out, facts)) return false;
  out += '}';
  return true;
}

bool append_both(std::string& out, const Shape& shape, const RecordFacts& chosen, const RecordFacts& rejected) {
  std::vector<const v1::Message*> prompt;
  for (const v1::Message& message : chosen.prompt.messages()) prompt.push_back(&message);
  const v1::Message *better = &chosen.message, *worse = &rejected.message;
  out += '{';
  append_field(out, "record_id", chosen.pair.record_id());
  if (!append_messages(out, shape, "prompt", prompt) || !append_messages(out, shape, "chosen", std::span(&better, 1)) ||
      !append_messages(out, shape, "rejected", std::span(&worse, 1)))
    return false;
  append_tools(out, shape, chosen.prompt.tools_json());
  append_field(out, "rejected_record_id", rejected.pair.record_id());
  out += '}';
  return true;
}

/// In whole, of all that a profile has: names of lists.
bool is_list(const Shape& shape, std::string_view column) {
  static constexpr auto kTexts =
      std::to_array<std::string_view>({"record_id", "rejected_record_id", "tools", "tokenizer_id"});
  return (column == "tools" && shape.tools_are_list) || std::find(kTexts.begin(), kTexts.end(), column) == kTexts.end();
}

}  // namespace

std::string_view profile_name(Profile profile) {
  return profile == Profile::kRecord ? std::string_view() : shape_of(profile).name;
}

absl::StatusOr<Profile> parse_profile(std::string_view name) {
  if (name.empty()) return Profile::kRecord;
  std::vector<std::string> known;
  for (const Shape& shape : shapes()) {
    if (shape.name == name) return shape.profile;
    known.emplace_back(shape.name);
  }
  return absl::InvalidArgumentError(absl::StrCat("profile: found \"", std::string(name),
                                                 "\", expected none (all columns) or one of ",
                                                 absl::StrJoin(known, ", ")));
}

ShardFormat default_format(Profile profile) {
  return profile != Profile::kRecord && shape_of(profile).is_plain ? ShardFormat::kJsonl : ShardFormat::kJsonlGz;
}

absl::Status check_format(Profile profile, ShardFormat format) {
  if (format == ShardFormat::kParquet && profile != Profile::kRecord && profile != Profile::kSoftLabels)
    return absl::InvalidArgumentError(
        absl::StrCat("format: found parquet, expected a format of lines with the profile ",
                     std::string(profile_name(profile)), ": Parquet holds all columns, or soft-labels, typed"));
  if (profile == Profile::kRecord || !shape_of(profile).is_plain || format == ShardFormat::kJsonl)
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("format: found ", std::string(format_name(format)),
                                                 ", expected jsonl: ", std::string(profile_name(profile)),
                                                 " opens plain files only"));
}

std::string schema_sha256(Profile profile) {
  if (profile == Profile::kRecord) return schema_sha256();
  std::vector<std::string> names{std::string(profile_name(profile))};
  for (const std::string_view column : shape_of(profile).columns) names.emplace_back(column);
  JsonObject schema;
  schema.texts("profile", names);
  return hex(sha256(schema.text()));
}

/// What vendors and lines give as JSON stands in a row as they wrote it, perhaps over several lines: a row is one.
/// False: that was no JSON.
static bool put_on_one_line(std::string& out, size_t from) {
  if (out.find_first_of("\r\n", from) == std::string::npos) return true;
  const std::string_view row = std::string_view(out).substr(from);
  if (!parsed(row)) return false;
  std::string line(row.size(), '\0');
  size_t size = 0;
  if (simdjson::minify(row.data(), row.size(), line.data(), size) != simdjson::SUCCESS) return false;
  out.replace(from, std::string::npos, line, 0, size);
  return true;
}

bool append_preference(std::string& out, const RecordFacts& chosen, const RecordFacts& rejected) {
  const size_t before = out.size();
  const bool said = append_both(out, shape_of(Profile::kPreference), chosen, rejected) && put_on_one_line(out, before);
  if (!said) out.resize(before);
  return said;
}

bool append_row(std::string& out, Profile profile, const RecordFacts& facts) {
  if (profile == Profile::kRecord) {
    append_record(out, facts);
    return true;
  }
  const size_t before = out.size();
  const bool said = append_whole(out, shape_of(profile), facts) && put_on_one_line(out, before);
  if (!said) out.resize(before);
  return said;
}

std::string record_id_of(Profile profile, std::string_view row) {
  // First in the row, of letters and digits and `_`: nothing in it is escaped.
  static constexpr std::string_view kBegin = "{\"record_id\":\"";
  if (profile != Profile::kRecord && shape_of(profile).is_bare) return {};
  if (!row.starts_with(kBegin)) return {};
  row.remove_prefix(kBegin.size());
  return std::string(row.substr(0, row.find('"')));
}

std::vector<std::string> check_row(Profile profile, std::string_view row, std::string& record_id) {
  record_id.clear();
  const std::optional<json::value> value = parsed(row);
  if (!value || !value->is_object()) return {"found no JSON object, expected one on every line"};
  std::vector<std::string> mistakes;
  for (const std::string_view column : shape_of(profile).columns) {
    const json::value* found = value->get_object().if_contains(json::string_view(column.data(), column.size()));
    const bool list = is_list(shape_of(profile), column);
    if (found == nullptr || (list ? !found->is_array() : !found->is_string()))
      mistakes.push_back(absl::StrCat("column ", std::string(column), ": found ",
                                      found == nullptr ? "none" : "another type", ", expected ",
                                      list ? "a list" : "a text"));
    else if (column == "record_id")
      record_id = std::string(found->get_string().data(), found->get_string().size());
  }
  return mistakes;
}

}  // namespace harvest::corpus
