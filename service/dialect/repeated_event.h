#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace harvest::dialect {

/// Most events of a stream differ from the one before in nothing but a piece of text. Once one has been read in full,
/// its likes need not be taken apart: the bytes around the text are compared, and the text is what lies between.
///
///   repeated.learn(events.raw(), R"("content":)", 5);  // read in full: it held a text of 5 bytes and nothing else
///   while (auto like = repeated.match(events.rest())) like->append_to(text), skip like->bytes...
///
/// Exact: what an event of JSON says beside one of its strings does not depend on that string. Texts with escapes of
/// more than a letter (`u`), control characters or bytes that are no UTF-8 are left to the parser. What was learned
/// from outlives this object.
class RepeatedEvent {
 public:
  /// `raw`: the event as it came, to the end of its blank line. `member`: its name, quotes and colon included. Where it
  /// does not occur exactly once, or holds no such text of `length` bytes, there is nothing to learn: false, and what
  /// was learned before stands.
  bool learn(std::string_view raw, std::string_view member, size_t length);
  void forget() { before_ = after_ = {}; }

  struct Match {
    std::string_view quoted;  ///< the text as it stands in JSON, without its quotes
    size_t escapes;           ///< in it
    size_t bytes;             ///< of the whole event

    void append_to(std::string& text) const;
  };
  /// The event at the front, where it is such a one.
  std::optional<Match> match(std::string_view rest) const;

 private:
  std::string_view before_, after_;  ///< the text's quotes included
};

}  // namespace harvest::dialect
