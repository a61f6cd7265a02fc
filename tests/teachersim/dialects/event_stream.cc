#include "tests/teachersim/dialects/event_stream.h"

#include <boost/crc.hpp>
#include <cstdint>

namespace teachersim {
namespace {

void append_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}

std::uint32_t crc_of(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

/// A header whose value is a string (type 7).
void append_text_header(std::string& out, std::string_view name, std::string_view value) {
  out += static_cast<char>(name.size());
  out.append(name);
  out += '\x07';
  out += static_cast<char>(value.size() >> 8 & 0xFF);
  out += static_cast<char>(value.size() & 0xFF);
  out.append(value);
}

}  // namespace

std::string event_stream_message(std::string_view kind, std::string_view name, std::string_view payload) {
  constexpr std::size_t kFrame = 16;  // two lengths, two checksums
  std::string headers;
  append_text_header(headers, ":" + std::string(kind) + "-type", name);
  append_text_header(headers, ":content-type", "application/json");
  append_text_header(headers, ":message-type", kind);
  std::string message;
  append_u32(message, static_cast<std::uint32_t>(kFrame + headers.size() + payload.size()));
  append_u32(message, static_cast<std::uint32_t>(headers.size()));
  append_u32(message, crc_of(message));
  message.append(headers).append(payload);
  append_u32(message, crc_of(message));
  return message;
}

}  // namespace teachersim
