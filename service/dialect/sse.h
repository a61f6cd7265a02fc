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
  /// The bytes that the event which next() brought last was made of, the end of its blank line included.
  std::string_view raw() const { return body_.substr(begin_, offset_ - begin_); }
  /// What has not been read yet.
  std::string_view rest() const { return body_.substr(offset_); }
  /// Passes over whole events at the front of rest().
  void skip(size_t bytes) { offset_ += bytes; }
  /// Bytes of the body read so far.
  size_t offset() const { return offset_; }

 private:
  bool next_line(std::string_view& line);

  std::string_view body_;
  size_t offset_ = 0;
  size_t begin_ = 0;  ///< of the last event
  static constexpr size_t kNotSought = std::string_view::npos;
  size_t line_feed_ = kNotSought;  ///< the next one at or after the offset; the body's end where there is none
  std::string joined_;             ///< data of more than one line
};

}  // namespace harvest::dialect
