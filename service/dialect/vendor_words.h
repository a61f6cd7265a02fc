#pragma once

#include <string>
#include <string_view>

namespace harvest::dialect {

inline constexpr size_t kVendorMessageBytesMax = 500;
inline constexpr size_t kVendorCodeBytesMax = 80;

/// The vendor's own words, fit for a log line and a terminal: valid UTF-8, control characters (also C1, which terminals
/// obey) turned to single spaces, cut at a character's boundary. Teacher text is hostile text.
std::string vendor_words(std::string_view text, size_t bytes_max = kVendorMessageBytesMax);

/// A vendor's error code as a name: letters, digits and `_-.:` only, others become `_`.
std::string vendor_code(std::string_view text);

}  // namespace harvest::dialect
