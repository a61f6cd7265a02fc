#include "client/cpp/prompt_line.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/chat_message.h"
#include "client/cpp/json_value.h"
#include "client/cpp/line_source.h"
#include "storage/corpus/canonical_json.h"

namespace harvest::client {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

static_assert(LineSource::kPaddingBytes >= simdjson::SIMDJSON_PADDING);

constexpr size_t kNamesShown = 6;

Wrong wrong(std::string_view field, const std::string& what) {
  return text::Mistake{{}, std::string(field), what};
}

/// Fields that were not used, to be kept in canonical order.
class LeftOver {
 public:
  void add(std::string_view key, element value) { fields_.emplace_back(key, value); }

  Wrong write(std::string* out) {
    if (fields_.empty()) {
      return std::nullopt;
    }
    std::sort(fields_.begin(), fields_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [key, value] : fields_) {
      *out += out->empty() ? '{' : ',';
      corpus::append_json_string(*out, key);
      *out += ':';
      if (const auto doubled = append_canonical(*out, value)) {
        return wrong(key, absl::StrCat("found the key ", text::shown(*doubled), " twice in one object, expected once"));
      }
    }
    *out += '}';
    return std::nullopt;
  }

 private:
  absl::InlinedVector<std::pair<std::string_view, element>, 16> fields_;
};

/// Fields that a line of any form may have about itself. False: it is none of them.
bool read_common(std::string_view key, element value, v1::Prompt* prompt, Wrong* mistake) {
  std::string* into = key == "custom_id"               ? prompt->mutable_custom_id()
                      : key == "prompt_source"         ? prompt->mutable_source()
                      : key == "prompt_source_licence" ? prompt->mutable_source_licence()
                      : key == "customer"              ? prompt->mutable_customer()
                                                       : nullptr;
  if (into == nullptr) {
    return false;
  }
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    into->assign(text);
  } else if (!value.is_null()) {
    *mistake = wrong(key, absl::StrCat("found ", found(value), ", expected a text"));
  }
  return true;
}

/// Vendor fields are sent as they stand, key order kept.
void add_extra(std::string_view key, element value, std::string* extra) {
  *extra += extra->empty() ? '{' : ',';
  corpus::append_json_string(*extra, key);
  absl::StrAppend(extra, ":", simdjson::minify(value));
}

Wrong read_body(element value, v1::Prompt* prompt, LeftOver* left_over) {
  object body;
  if (value.get(body) != simdjson::SUCCESS) {
    return wrong("body", absl::StrCat("found ", found(value), ", expected an object"));
  }
  std::string extra;
  for (const auto [key, field] : body) {
    ChatField kind = ChatField::kUnknown;
    if (Wrong mistake = read_chat_field(key, field, prompt, &kind)) {
      mistake->field = "body." + mistake->field;
      return mistake;
    }
    if (kind == ChatField::kModel) {
      left_over->add(key, field);
    } else if ((kind == ChatField::kUnknown || kind == ChatField::kVendor) && !field.is_null()) {
      add_extra(key, field, &extra);
    }
  }
  if (const auto doubled = doubled_key(body)) {
    return wrong("body." + *doubled, "found a second time, expected once");
  }
  if (prompt->messages().empty()) {
    return wrong("body.messages", "found none, expected a list of messages");
  }
  if (extra.empty()) {
    return std::nullopt;
  }
  if (!prompt->sampling().extra_body_json().empty()) {
    return wrong("body.extra_body", "found beside vendor fields of the body itself, expected one or the other");
  }
  prompt->mutable_sampling()->set_extra_body_json(extra + "}");
  return std::nullopt;
}

Wrong read_batch_request(object line, v1::Prompt* prompt, LeftOver* left_over) {
  for (const auto [key, value] : line) {
    Wrong mistake;
    std::string_view text;
    if (key == "body") {
      mistake = read_body(value, prompt, left_over);
    } else if (key == "method") {
      if (value.get(text) != simdjson::SUCCESS || text != "POST") {
        mistake = wrong(key, absl::StrCat("found ", found(value), ", expected 'POST'"));
      }
    } else if (key == "url") {
      if (value.get(text) != simdjson::SUCCESS || !absl::EndsWith(std::string(text), "/chat/completions")) {
        mistake = wrong(key, absl::StrCat("found ", found(value), ", expected '/v1/chat/completions'"));
      }
    } else if (!read_common(key, value, prompt, &mistake)) {
      left_over->add(key, value);
    }
    if (mistake) {
      return mistake;
    }
  }
  return std::nullopt;
}

/// A field at the top of a line that is no request: what the line says of itself, sampling, or data to be kept.
Wrong read_field(std::string_view key, element value, v1::Prompt* prompt, LeftOver* left_over) {
  Wrong mistake;
  if (read_common(key, value, prompt, &mistake)) {
    return mistake;
  }
  ChatField kind = ChatField::kUnknown;
  mistake = read_chat_field(key, value, prompt, &kind);
  if (mistake) {
    return mistake;
  }
  if (kind == ChatField::kVendor) {
    return wrong(key, absl::StrCat("found a field that only some servers take, which would not be sent from here; "
                                   "expected it under extra_body: {\"",
                                   std::string(key), "\": …}"));
  }
  if (kind == ChatField::kModel || kind == ChatField::kUnknown) {
    left_over->add(key, value);
  }
  return std::nullopt;
}

Wrong read_messages_line(object line, v1::Prompt* prompt, LeftOver* left_over) {
  for (const auto [key, value] : line) {
    if (Wrong mistake = read_field(key, value, prompt, left_over)) {
      return mistake;
    }
  }
  return std::nullopt;
}

/// {"prompt": …}: the text is the one user message; sampling stands beside it.
Wrong read_prompt_line(object line, v1::Prompt* prompt, LeftOver* left_over) {
  for (const auto [key, value] : line) {
    Wrong mistake;
    if (key == "prompt") {
      std::string_view text;
      if (value.get(text) != simdjson::SUCCESS) {
        mistake =
            wrong(key, absl::StrCat("found ", found(value), ", expected a text (lists of messages go to `messages`)"));
      } else if (text.empty()) {
        mistake = wrong(key, "found an empty text, expected a prompt");
      } else {
        v1::Message* message = prompt->add_messages();
        message->set_role("user");
        message->mutable_content()->assign(text);
      }
    } else {
      mistake = read_field(key, value, prompt, left_over);
    }
    if (mistake) {
      return mistake;
    }
  }
  return std::nullopt;
}

/// {"turns": […]}: a conversation, asked turn by turn; sampling stands beside it.
Wrong read_turns_line(object line, v1::Prompt* prompt, LeftOver* left_over) {
  for (const auto [key, value] : line) {
    Wrong mistake = key == "turns" ? read_turns(value, prompt) : read_field(key, value, prompt, left_over);
    if (mistake) {
      return mistake;
    }
  }
  return std::nullopt;
}

Wrong unrecognised(object line) {
  std::string names;
  std::string first;
  size_t count = 0;
  for (const auto [key, value] : line) {
    if (count++ < kNamesShown) {
      absl::StrAppend(&names, names.empty() ? "" : ", ", text::shown(std::string(key)));
      first = first.empty() && value.is_string() ? std::string(key) : first;
    }
  }
  return wrong("", absl::StrCat("found an object with ", names.empty() ? "no fields" : "the fields " + names,
                                count > kNamesShown ? ", …" : "",
                                ", expected messages, prompt, turns or body, or --template 'text with {{",
                                first.empty() ? "field" : first, "}}'"));
}

bool has(object line, const char* key) {
  return line.at_key(key).error() == simdjson::SUCCESS;
}

}  // namespace

Wrong PromptLine::read_templated(object line, v1::Prompt* prompt) {
  v1::Message* message = prompt->add_messages();
  message->set_role("user");
  if (Wrong mistake = template_->render(line, message->mutable_content())) {
    return mistake;
  }
  LeftOver left_over;
  for (const auto [key, value] : line) {
    Wrong mistake;
    if (!read_common(key, value, prompt, &mistake) && !template_->uses_whole(key)) {
      left_over.add(key, value);
    }
    if (mistake) {
      return mistake;
    }
  }
  return left_over.write(prompt->mutable_fields_json());
}

Wrong PromptLine::read_json(std::string_view line, v1::Prompt* prompt) {
  element parsed;
  if (const auto error = parser_.parse(line.data(), line.size(), false).get(parsed)) {
    return wrong("", absl::StrCat("is not JSON (", simdjson::error_message(error), "), expected an object"));
  }
  object fields;
  if (parsed.get(fields) != simdjson::SUCCESS) {
    return wrong("", absl::StrCat("found ", found(parsed), ", expected a JSON object"));
  }
  if (const auto doubled = doubled_key(fields)) {
    return wrong(*doubled, "found a second time, expected once");
  }
  if (template_) {
    return read_templated(fields, prompt);
  }
  LeftOver left_over;
  Wrong mistake;
  if (has(fields, "body")) {
    mistake = read_batch_request(fields, prompt, &left_over);
  } else if (has(fields, "messages")) {
    mistake = read_messages_line(fields, prompt, &left_over);
  } else if (has(fields, "prompt")) {
    mistake = read_prompt_line(fields, prompt, &left_over);
  } else if (has(fields, "turns")) {
    mistake = read_turns_line(fields, prompt, &left_over);
  } else {
    mistake = unrecognised(fields);
  }
  return mistake ? mistake : left_over.write(prompt->mutable_fields_json());
}

Wrong PromptLine::read_pair(std::string_view line, v1::Prompt* prompt) {
  if (Wrong mistake = read_json(line, prompt)) {
    return mistake;
  }
  object record;
  std::string_view record_id, fields;
  if (parser_.parse(line.data(), line.size(), false).get(record) != simdjson::SUCCESS ||
      record["record_id"].get(record_id) != simdjson::SUCCESS) {
    return wrong("record_id", "found none, expected the id of a pair");
  }
  prompt->add_parent_record_ids()->assign(record_id);
  prompt->clear_fields_json();
  if (record["fields_json"].get(fields) == simdjson::SUCCESS) {
    prompt->mutable_fields_json()->assign(fields);
  }
  return std::nullopt;
}

Wrong PromptLine::read_text(std::string_view line, v1::Prompt* prompt) {
  if (!simdjson::validate_utf8(line.data(), line.size())) {
    return wrong("", "is not UTF-8, expected text in UTF-8");
  }
  v1::Message* message = prompt->add_messages();
  message->set_role("user");
  message->mutable_content()->assign(line);
  return std::nullopt;
}

}  // namespace harvest::client
