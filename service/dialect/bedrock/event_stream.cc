#include "service/dialect/bedrock/event_stream.h"

#include <zlib.h>

#include <optional>

namespace harvest::dialect {
namespace {

constexpr size_t kPreludeBytes = 12, kChecksumBytes = 4;
constexpr size_t kFrameBytes = kPreludeBytes + kChecksumBytes;
/// AWS's own bounds: 24 MiB of payload, 128 KiB of headers.
constexpr size_t kHeadersBytesMax = 128 * 1024;
constexpr size_t kMessageBytesMax = 24 * 1024 * 1024 + kHeadersBytesMax + kFrameBytes;

uint32_t number_at(std::string_view bytes, size_t at, size_t size) {
  uint32_t number = 0;
  for (size_t i = 0; i < size; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

bool checks(std::string_view bytes, uint32_t checksum) {
  return crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == checksum;
}

struct Prelude {
  size_t message_bytes, headers_bytes;
};

/// `bytes` holds a prelude's at least. None where it is damaged.
std::optional<Prelude> read_prelude(std::string_view bytes) {
  const Prelude prelude{number_at(bytes, 0, 4), number_at(bytes, 4, 4)};
  if (!checks(bytes.substr(0, 8), number_at(bytes, 8, 4))) return std::nullopt;
  if (prelude.message_bytes < kFrameBytes || prelude.message_bytes > kMessageBytesMax) return std::nullopt;
  if (prelude.headers_bytes > kHeadersBytesMax || prelude.headers_bytes > prelude.message_bytes - kFrameBytes)
    return std::nullopt;
  return prelude;
}

/// Takes so many bytes off the front; false where there are fewer.
bool take(std::string_view& bytes, size_t size, std::string_view& taken) {
  if (bytes.size() < size) return false;
  taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

/// Takes a text off the front whose length stands before it, in so many bytes.
bool take_sized(std::string_view& bytes, size_t length_bytes, std::string_view& taken) {
  std::string_view length;
  return take(bytes, length_bytes, length) && take(bytes, number_at(length, 0, length_bytes), taken);
}

constexpr uint32_t kBytes = 6, kText = 7;

/// How many bytes a value of this type has; those of kBytes and kText say so themselves.
std::optional<size_t> fixed_bytes(uint32_t type) {
  switch (type) {
    case 0:  // true
    case 1:  // false
      return 0;
    case 2:
      return 1;
    case 3:
      return 2;
    case 4:
      return 4;
    case 5:
    case 8:  // a time
      return 8;
    case 9:  // a UUID
      return 16;
    default:
      return std::nullopt;
  }
}

bool take_header(std::string_view& bytes, std::string_view& name, std::string_view& text) {
  std::string_view type_byte, value;
  if (!take_sized(bytes, 1, name) || !take(bytes, 1, type_byte)) return false;
  const uint32_t type = number_at(type_byte, 0, 1);
  text = {};
  if (type == kBytes) return take_sized(bytes, 2, value);
  if (type == kText) return take_sized(bytes, 2, text);
  const auto size = fixed_bytes(type);
  return size && take(bytes, *size, value);
}

bool read_headers(std::string_view bytes, EventStreamMessage& message) {
  while (!bytes.empty()) {
    std::string_view name, text;
    if (!take_header(bytes, name, text)) return false;
    if (name == ":message-type") message.message_type = text;
    if (name == ":event-type" || name == ":exception-type" || name == ":error-code") message.name = text;
    if (name == ":error-message") message.words = text;
  }
  return true;
}

}  // namespace

bool EventStreamSplitter::stop(Stop why) {
  stop_ = why;
  return false;
}

bool EventStreamSplitter::next(EventStreamMessage& message) {
  const std::string_view rest = body_.substr(offset_);
  if (rest.empty()) return stop(Stop::kEnd);
  if (rest.size() < kPreludeBytes) return stop(Stop::kCut);
  const auto prelude = read_prelude(rest);
  if (!prelude) return stop(Stop::kDamaged);
  if (rest.size() < prelude->message_bytes) return stop(Stop::kCut);
  const size_t checked_bytes = prelude->message_bytes - kChecksumBytes;
  if (!checks(rest.substr(0, checked_bytes), number_at(rest, checked_bytes, kChecksumBytes)))
    return stop(Stop::kDamaged);
  message = {};
  if (!read_headers(rest.substr(kPreludeBytes, prelude->headers_bytes), message)) return stop(Stop::kDamaged);
  const size_t payload_at = kPreludeBytes + prelude->headers_bytes;
  message.payload = rest.substr(payload_at, checked_bytes - payload_at);
  offset_ += prelude->message_bytes;
  return true;
}

bool looks_like_event_stream(std::string_view body) {
  return body.size() >= kPreludeBytes && read_prelude(body).has_value();
}

}  // namespace harvest::dialect
