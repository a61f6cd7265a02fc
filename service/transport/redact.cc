#include "service/transport/redact.h"

namespace harvest::transport {
namespace {

constexpr std::string_view kMark = "[redacted]";
/// Shorter than this it is no key, and taking it out would garble ordinary words.
constexpr size_t kKeyBytesMin = 8;

void take_out(std::string& text, std::string_view key) {
  for (size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + kMark.size()))
    text.replace(at, key.size(), kMark);
}

}  // namespace

void redact(dialect::HttpExchange& exchange, std::string_view secret) {
  const std::string_view key = secret.substr(secret.rfind(' ') + 1);  // npos + 1 is 0: no scheme before it
  if (key.size() < kKeyBytesMin) return;
  take_out(exchange.error_text, key);
  take_out(exchange.body, key);
  for (auto& [name, value] : exchange.headers) {
    take_out(name, key);
    take_out(value, key);
  }
}

}  // namespace harvest::transport
