#include "client/cpp/chat_message.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "client/cpp/json_value.h"

namespace harvest::client {
namespace {

using simdjson::dom::element;

constexpr std::array<std::string_view, 5> kRoles = {"system", "developer", "user", "assistant", "tool"};

/// Reads one field of a message; `wrong` is told what was expected instead. Returns false for a field it does not know.
bool read_message_field(std::string_view key, element value, v1::Message* message, std::string* wrong) {
  const bool is_text = value.is_string();
  const auto take_text = [&](std::string* into) {
    if (is_text) {
      into->assign(std::string_view(value));
    } else {
      *wrong = "a text";
    }
  };
  if (key == "role") {
    take_text(message->mutable_role());
  } else if (key == "content") {
    if (is_text) {
      take_text(message->mutable_content());
    } else if (value.is_array()) {
      message->set_parts_json(simdjson::minify(value));
    } else {
      *wrong = "a text or a list of parts";
    }
  } else if (key == "name") {
    take_text(message->mutable_name());
  } else if (key == "tool_call_id") {
    take_text(message->mutable_tool_call_id());
  } else if (key == "reasoning_content") {
    take_text(message->mutable_reasoning_content());
  } else if (key == "tool_calls") {
    if (value.is_array()) {
      message->set_tool_calls_json(simdjson::minify(value));
    } else {
      *wrong = "a list";
    }
  } else {
    return false;
  }
  return true;
}

Wrong read_message(simdjson::dom::object object, const std::string& path, v1::Message* message) {
  bool has_content = false;
  for (const auto [key, value] : object) {
    if (value.is_null()) {
      continue;  // as if it were not there: assistant messages with tool calls have `content: null`
    }
    std::string wrong;
    if (!read_message_field(key, value, message, &wrong)) {
      return text::Mistake{{},
                           absl::StrCat(path, ".", text::shown(std::string(key))),
                           "found an unknown field of a message, expected role, content, name, tool_calls, "
                           "tool_call_id or reasoning_content"};
    }
    if (!wrong.empty()) {
      return expected(absl::StrCat(path, ".", std::string(key)), value, wrong);
    }
    has_content = has_content || key == "content" || key == "tool_calls";
  }
  if (std::find(kRoles.begin(), kRoles.end(), message->role()) == kRoles.end()) {
    return text::Mistake{{},
                         path + ".role",
                         absl::StrCat("found ", message->role().empty() ? "none" : text::shown(message->role()),
                                      ", expected system, developer, user, assistant or tool")};
  }
  if (!has_content) {
    return text::Mistake{{}, path + ".content", "found none, expected a text or a list of parts"};
  }
  if (const auto doubled = doubled_key(object)) {
    return text::Mistake{{}, absl::StrCat(path, ".", *doubled), "found a second time, expected once"};
  }
  return std::nullopt;
}

Wrong read_turn(element item, v1::Message* turn) {
  std::string_view text;
  if (item.get(text) == simdjson::SUCCESS) {
    turn->set_role("user");
    turn->mutable_content()->assign(text);
  } else {
    simdjson::dom::object object;
    if (item.get(object) != simdjson::SUCCESS) {
      return expected("", item, "a text, or a message of the role user");
    }
    if (Wrong wrong = read_message(object, "", turn)) {
      return wrong;
    }
    if (turn->role() != "user") {
      return text::Mistake{{},
                           ".role",
                           absl::StrCat("found ", text::shown(turn->role()),
                                        ", expected user (the answers between are the teacher's to give)")};
    }
  }
  if (turn->content().empty() && turn->parts_json().empty()) {
    return text::Mistake{{}, "", "found an empty text, expected a turn"};
  }
  return std::nullopt;
}

/// Reads each item of the list, of which there must be one: `least` says one of what.
template <typename ReadItem>
Wrong read_each(const simdjson::dom::array& list, const char* name, const char* least, ReadItem read_item) {
  size_t index = 0;
  for (const element item : list) {
    // The path is made only where something is wrong.
    if (Wrong wrong = read_item(item, index)) {
      wrong->field = absl::StrCat(name, "[", index, "]", wrong->field);
      return wrong;
    }
    ++index;
  }
  if (index == 0) {
    return text::Mistake{{}, name, absl::StrCat("found an empty list, expected at least one ", least)};
  }
  return std::nullopt;
}

}  // namespace

Wrong read_messages(element value, v1::Prompt* prompt) {
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) {
    return expected("messages", value, "a list of messages");
  }
  return read_each(list, "messages", "message", [prompt](element item, size_t) -> Wrong {
    simdjson::dom::object object;
    if (item.get(object) != simdjson::SUCCESS) {
      return expected("", item, "an object with role and content");
    }
    return read_message(object, "", prompt->add_messages());
  });
}

Wrong read_turns(element value, v1::Prompt* prompt) {
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) {
    return expected("turns", value, "a list of texts, or of messages of the role user");
  }
  return read_each(list, "turns", "turn", [prompt](element item, size_t index) {
    return read_turn(item, index == 0 ? prompt->add_messages() : prompt->add_later_turns());
  });
}

}  // namespace harvest::client
