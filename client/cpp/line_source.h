#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/byte_source.h"

namespace harvest::client {

/// Cuts a stream of bytes into lines: LF or CRLF ends one, a byte order mark at the very start is dropped, the last
/// line need not end. A line longer than kLineBytesMax is passed over in bounded memory and named too long.
///
/// Each line stands in memory with padding behind it, so that simdjson parses it where it is. One owner, one thread.
class LineSource {
 public:
  static constexpr size_t kLineBytesMax = 16 << 20;

  explicit LineSource(std::unique_ptr<ByteSource> bytes);

  struct Line {
    std::string_view text;  ///< valid until the next call; readable for kPaddingBytes beyond its end
    uint64_t number = 0;    ///< from 1
    bool too_long = false;  ///< then text is empty
    bool end = false;       ///< no line any more
  };
  static constexpr size_t kPaddingBytes = 64;

  absl::StatusOr<Line> next();

 private:
  /// Makes room and reads on; false at the end.
  absl::StatusOr<bool> read_more();

  std::unique_ptr<ByteSource> bytes_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // of what no line was made of yet
  size_t end_ = 0;
  uint64_t number_ = 0;
  bool at_end_ = false;
};

}  // namespace harvest::client
