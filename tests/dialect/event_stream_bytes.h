#pragma once

#include <zlib.h>

#include <string>
#include <utility>
#include <vector>

/// Bodies of application/vnd.amazon.eventstream, made of names and payloads.
namespace harvest::testing {

inline std::string big_endian(uint32_t number, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
  return out;
}

inline std::string checksum(const std::string& bytes) {
  return big_endian(
      static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()))),
      4);
}

/// `headers`: encoded.
inline std::string raw_message(const std::string& headers, const std::string& payload) {
  std::string out = big_endian(static_cast<uint32_t>(16 + headers.size() + payload.size()), 4) +
                    big_endian(static_cast<uint32_t>(headers.size()), 4);
  out += checksum(out);
  out += headers + payload;
  return out + checksum(out);
}

inline std::string text_header(const std::string& name, const std::string& value) {
  return big_endian(static_cast<uint32_t>(name.size()), 1) + name + '\x07' +
         big_endian(static_cast<uint32_t>(value.size()), 2) + value;
}

inline std::string event(const std::string& name, const std::string& payload) {
  return raw_message(text_header(":event-type", name) + text_header(":content-type", "application/json") +
                         text_header(":message-type", "event"),
                     payload);
}

inline std::string exception(const std::string& name, const std::string& payload) {
  return raw_message(text_header(":exception-type", name) + text_header(":content-type", "application/json") +
                         text_header(":message-type", "exception"),
                     payload);
}

inline std::string error(const std::string& code, const std::string& words) {
  return raw_message(
      text_header(":message-type", "error") + text_header(":error-code", code) + text_header(":error-message", words),
      "");
}

}  // namespace harvest::testing
