#include "storage/proof/base64.h"

#include "absl/strings/escaping.h"

namespace harvest::proof {

std::string base64(std::string_view bytes) {
  std::string text;
  absl::Base64Escape(absl::string_view(bytes.data(), bytes.size()), &text);
  return text;
}

std::optional<std::string> read_base64(std::string_view text) {
  std::string bytes;
  // The library is lenient with padding and white space; what it would have written itself is the one spelling.
  if (!absl::Base64Unescape(absl::string_view(text.data(), text.size()), &bytes) || base64(bytes) != text)
    return std::nullopt;
  return bytes;
}

std::optional<Hash> read_base64_hash(std::string_view text) {
  const auto bytes = read_base64(text);
  if (!bytes || bytes->size() != sizeof(Hash)) return std::nullopt;
  return hash_of_bytes(*bytes);
}

}  // namespace harvest::proof
