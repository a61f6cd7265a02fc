#include "storage/store/large_row.h"

#include <lz4.h>

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace harvest::store::large_row {
namespace {

/// Below this, packing costs as much as it saves (measured with answers of 4 KB).
constexpr size_t kLargeBytes = 8 << 10;
/// One LZ4 block holds two gigabytes; answers are far smaller, and what is larger stays as it is.
constexpr size_t kPackBytesMax = 1 << 30;
constexpr size_t kHeadBytes = 5;

}  // namespace

std::string_view packed(std::string_view message, std::string& buffer) {
  if (message.size() < kLargeBytes || message.size() > kPackBytesMax) return message;
  const auto size = static_cast<int>(message.size());
  buffer.resize(kHeadBytes + static_cast<size_t>(LZ4_compressBound(size)));
  const int bytes = LZ4_compress_default(message.data(), buffer.data() + kHeadBytes, size,
                                         static_cast<int>(buffer.size() - kHeadBytes));
  if (bytes <= 0 || kHeadBytes + static_cast<size_t>(bytes) >= message.size()) return message;
  buffer[0] = 0;
  for (size_t i = 0; i < 4; ++i) buffer[1 + i] = static_cast<char>(message.size() >> (24 - 8 * i));
  return std::string_view(buffer).substr(0, kHeadBytes + static_cast<size_t>(bytes));
}

absl::StatusOr<std::string_view> unpacked(std::string_view value, std::string& buffer) {
  if (value.empty() || value.front() != 0) return value;
  uint32_t size = 0;
  for (size_t i = 1; i < kHeadBytes && i < value.size(); ++i) size = size << 8 | static_cast<uint8_t>(value[i]);
  if (value.size() <= kHeadBytes || size > kPackBytesMax)
    return absl::DataLossError(absl::StrCat("a packed row of ", value.size(), " bytes is broken"));
  buffer.resize(size);
  const int bytes = LZ4_decompress_safe(value.data() + kHeadBytes, buffer.data(),
                                        static_cast<int>(value.size() - kHeadBytes), static_cast<int>(size));
  if (bytes < 0 || static_cast<uint32_t>(bytes) != size)
    return absl::DataLossError(absl::StrCat("a packed row of ", value.size(), " bytes does not unpack"));
  return std::string_view(buffer);
}

}  // namespace harvest::store::large_row
