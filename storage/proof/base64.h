#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/proof/hash.h"

/// Base64 (RFC 4648, section 4) in its one spelling: padded, no line breaks, unused bits zero. What reads otherwise is
/// refused, so that no byte of a proof can be changed without being seen.
namespace harvest::proof {

std::string base64(std::string_view bytes);
inline std::string base64(const Hash& hash) {
  return base64(bytes_of(hash));
}

std::optional<std::string> read_base64(std::string_view text);
std::optional<Hash> read_base64_hash(std::string_view text);

}  // namespace harvest::proof
