#pragma once

#include <cstdint>
#include <string_view>

namespace harvest::dialect {

/// One message of an application/vnd.amazon.eventstream body. What is not stated is empty. Points into the body.
struct EventStreamMessage {
  std::string_view message_type;  ///< event, exception or error
  std::string_view name;          ///< of the event or exception, or an error's code
  std::string_view words;         ///< an error's message
  std::string_view payload;       ///< JSON, of events and exceptions
};

/// Takes such a body apart. All numbers are big-endian:
///
///     u32 length of all │ u32 length of the headers │ u32 CRC-32 of these 8 bytes
///     headers │ payload │ u32 CRC-32 of everything before
class EventStreamSplitter {
 public:
  enum class Stop : uint8_t {
    kEnd,      ///< behind a whole message
    kCut,      ///< within one
    kDamaged,  ///< at one whose checksums, lengths or headers are wrong: nothing behind it can be told
  };

  explicit EventStreamSplitter(std::string_view body) : body_(body) {}
  /// False where it stops.
  bool next(EventStreamMessage& message);
  /// Why it stopped.
  Stop stop() const { return stop_; }
  /// Bytes of the whole messages read so far.
  size_t offset() const { return offset_; }

 private:
  bool stop(Stop why);

  std::string_view body_;
  size_t offset_ = 0;
  Stop stop_ = Stop::kEnd;
};

/// Does the body begin with a message's lengths and their right checksum? No JSON does, but by a chance of 1 in 2^32.
bool looks_like_event_stream(std::string_view body);

}  // namespace harvest::dialect
