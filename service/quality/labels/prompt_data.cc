#include "service/quality/labels/prompt_data.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "service/quality/labels/personal_data.h"

namespace harvest::quality {
namespace {

/// A place of a prompt: may its text be replaced?
enum class Kind { kText, kFixed };

/// Strings of parts that say nothing: where something is, or its bytes.
bool is_reference(std::string_view key) {
  static constexpr std::array kReferences{"url",  "data", "file_data",  "file_id",
                                          "type", "id",   "media_type", "mime_type"};
  return std::find(kReferences.begin(), kReferences.end(), key) != kReferences.end();
}

/// Visits every string below, which is not to be replaced.
template <typename Visit>
void each_fixed(const std::string& place, const boost::json::value& value, const Visit& visit) {
  if (const boost::json::array* list = value.if_array())
    for (const boost::json::value& item : *list) each_fixed(place, item, visit);
  if (const boost::json::object* object = value.if_object())
    for (const auto& [key, item] : *object)
      if (!is_reference({key.data(), key.size()})) each_fixed(place, item, visit);
  if (const boost::json::string* text = value.if_string()) {
    std::string copy(text->data(), text->size());
    visit(place, copy, Kind::kFixed);
  }
}

/// Visits what a list of content parts holds as text, and what else in words; writes the list anew where a text was
/// changed. False: it is no such list, and was not looked into.
template <typename Visit>
bool each_part(const std::string& place, std::string& parts, const Visit& visit) {
  boost::json::error_code error;
  boost::json::value list = boost::json::parse(parts, error);
  if (error || !list.is_array()) return false;
  bool changed = false;
  for (boost::json::value& part : list.get_array()) {
    boost::json::object* object = part.if_object();
    if (object == nullptr) continue;
    boost::json::value* text = object->if_contains("text");
    const bool is_text = text != nullptr && text->is_string();
    for (const auto& [key, item] : *object)
      if (!(is_text && key == "text") && !is_reference({key.data(), key.size()}))
        each_fixed(absl::StrCat(place, "[].", std::string(key.data(), key.size())), item, visit);
    if (!is_text) continue;
    std::string value(text->get_string().data(), text->get_string().size());
    const std::string before = value;
    visit(absl::StrCat(place, "[].text"), value, Kind::kText);
    if (value == before) continue;
    *text = boost::json::string_view(value.data(), value.size());
    changed = true;
  }
  if (changed) parts = boost::json::serialize(list);
  return true;
}

template <typename Visit>
void each_text(const std::string& place, v1::Message& message, const Visit& visit) {
  visit(place + ".content", *message.mutable_content(), Kind::kText);
  visit(place + ".reasoning_content", *message.mutable_reasoning_content(), Kind::kText);
  if (!message.parts_json().empty() && !each_part(place + ".content", *message.mutable_parts_json(), visit))
    visit(place + ".content", *message.mutable_parts_json(), Kind::kFixed);
  visit(place + ".name", *message.mutable_name(), Kind::kFixed);
  visit(place + ".tool_calls", *message.mutable_tool_calls_json(), Kind::kFixed);
}

template <typename Visit>
void each_text(v1::Prompt& prompt, const Visit& visit) {
  for (int i = 0; i < prompt.messages_size(); ++i)
    each_text(absl::StrCat("messages[", i, "]"), *prompt.mutable_messages(i), visit);
  for (int i = 0; i < prompt.later_turns_size(); ++i)
    each_text(absl::StrCat("turns[", i + 1, "]"), *prompt.mutable_later_turns(i), visit);
  visit("tools", *prompt.mutable_tools_json(), Kind::kFixed);
  visit("tool_choice", *prompt.mutable_tool_choice_json(), Kind::kFixed);
  if (!prompt.has_sampling()) return;
  visit("response_format", *prompt.mutable_sampling()->mutable_response_format_json(), Kind::kFixed);
  visit("extra_body", *prompt.mutable_sampling()->mutable_extra_body_json(), Kind::kFixed);
  for (std::string& stop : *prompt.mutable_sampling()->mutable_stop()) visit("stop", stop, Kind::kFixed);
}

/// Every [WORD_1] that stands in a text.
std::set<std::string> placeholders_in(std::string_view text) {
  constexpr size_t kLongest = 64;
  std::set<std::string> found;
  for (size_t begin = text.find('['); begin != std::string_view::npos; begin = text.find('[', begin + 1)) {
    const std::string_view rest = text.substr(begin, kLongest);
    const size_t end = rest.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", 1);
    if (end != std::string_view::npos && rest[end] == ']') found.emplace(rest.substr(0, end + 1));
  }
  return found;
}

/// The placeholders of one prompt.
class Masker {
 public:
  explicit Masker(v1::Prompt& prompt) : prompt_(prompt), taken_(placeholders_in(prompt.SerializeAsString())) {}

  void mask(std::string& text) {
    const std::vector<PersonalDatum> found = find_personal_data(text);
    if (found.empty()) return;
    std::string masked;
    size_t done = 0;
    for (const PersonalDatum& datum : found) {
      masked.append(text, done, datum.begin - done);
      masked += placeholder(text.substr(datum.begin, datum.end - datum.begin), datum.rule);
      done = datum.end;
    }
    text = masked.append(text, done);
  }

 private:
  const std::string& placeholder(const std::string& text, std::string_view rule) {
    std::string& known = placeholders_[text];
    if (!known.empty()) return known;
    // One that the prompt has already, of itself, would stand for two things.
    do {
      known = absl::StrCat("[", absl::AsciiStrToUpper(std::string(rule)), "_", ++counts_[rule], "]");
    } while (taken_.contains(known));
    v1::Mask& mask = *prompt_.add_masks();
    mask.set_placeholder(known);
    mask.set_text(text);
    mask.set_rule(std::string(rule));
    return known;
  }

  v1::Prompt& prompt_;
  const std::set<std::string> taken_;
  std::map<std::string, std::string> placeholders_;
  std::map<std::string_view, int> counts_;
};

}  // namespace

std::string tell_personal_data(const v1::Prompt& prompt) {
  std::set<std::string> told;
  v1::Prompt copy = prompt;
  each_text(copy, [&](const std::string& place, const std::string& text, Kind) {
    for (const PersonalDatum& datum : find_personal_data(text))
      told.insert(absl::StrCat(std::string(datum.rule), " in ", place));
  });
  return absl::StrJoin(told, ", ");
}

absl::Status mask_personal_data(v1::Prompt& prompt) {
  Masker masker(prompt);
  std::set<std::string> fixed;
  each_text(prompt, [&](const std::string& place, std::string& text, Kind kind) {
    if (kind == Kind::kText) {
      masker.mask(text);
      return;
    }
    for (const PersonalDatum& datum : find_personal_data(text))
      fixed.insert(absl::StrCat(std::string(datum.rule), " in ", place));
  });
  // Not sent, but published beside it: what a template took its text from may stand there once more.
  masker.mask(*prompt.mutable_fields_json());
  if (fixed.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("personal data: found ", absl::StrJoin(fixed, ", "), ", where it cannot be masked; expected none"));
}

std::string unmasked(std::string text, const v1::Prompt& prompt) {
  std::vector<std::pair<std::string, std::string>> back;
  for (const v1::Mask& mask : prompt.masks()) back.emplace_back(mask.placeholder(), mask.text());
  return absl::StrReplaceAll(text, back);
}

}  // namespace harvest::quality
