#pragma once

#include <string>
#include <string_view>

namespace harvest::dialect {

/// One server-sent event.
struct SseEvent {
  std::string_view name;  ///< of `event:`; empty: none
  std::string_view data;  ///< its `data:` lines, joined by line feeds
};

/// Takes a text/event-stream body apart (WHATWG HTML, 9.2.6): lines end in CRLF, LF or CR; comments and unknown fields
/// are passed over. Lenient in one thing: an event whose closing blank line is missing at the end still counts, because
/// some servers leave it out; whether it is whole is for its reader to say.
class SseSplitter {
 public:
  explicit SseSplitter(std::string_view body);
  /// False at the end. What `event` points to lives until the next call, or as long as the body.
  bool next(SseEvent& event);
  /// Bytes of the body read so far.
  size_t offset() const { return offset_; }

 private:
  bool next_line(std::string_view& line);

  std::string_view body_;
  size_t offset_ = 0;
  std::string joined_;  ///< data of more than one line
};

}  // namespace harvest::dialect
