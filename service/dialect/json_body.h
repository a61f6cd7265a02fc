#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

namespace harvest::dialect {

/// A teacher's body, or one event of its stream, parsed. Everything in it is hostile: any depth, any type, any byte.
///
/// The strict parser validates the whole text (a cut body never looks like a short one), its depth is bounded, and it
/// works without recursion. It belongs to the thread: at most one JsonBody lives per thread at a time, on the stack of
/// one decode. `text` outlives it.
class JsonBody {
 public:
  /// `slack`: bytes behind the text that may be read, whatever they hold; with enough of them it is parsed where it
  /// lies.
  explicit JsonBody(std::string_view text, size_t slack = 0);
  /// What a string holds beyond its text is slack.
  static size_t slack_of(const std::string& text) { return text.capacity() - text.size(); }
  /// How many bytes may be read behind `part`, a piece of `body` (an event's data); 0 where it lies elsewhere.
  static size_t slack_behind(std::string_view part, std::string_view body, size_t slack);
  JsonBody(const JsonBody&) = delete;
  JsonBody& operator=(const JsonBody&) = delete;

  bool is_object() const { return is_object_; }
  /// Why it is not JSON; empty when it is.
  const std::string& error() const { return error_; }
  const simdjson::dom::object& object() const { return object_; }
  /// What was parsed: the text as given, or its mended copy.
  std::string_view text() const { return mended_.empty() ? text_ : std::string_view(mended_); }

 private:
  std::string_view text_;
  std::string mended_;
  std::string error_;
  simdjson::dom::object object_;
  bool is_object_ = false;
};

// Tolerant reading: what is absent, null or of another type is empty.
std::string_view string_at(const simdjson::dom::object& object, std::string_view key);
/// The object under this key; false when there is none.
bool object_at(const simdjson::dom::object& object, std::string_view key, simdjson::dom::object& found);
/// Present and neither null, false, "", [] nor {}.
bool truthy_at(const simdjson::dom::object& object, std::string_view key);

}  // namespace harvest::dialect
