#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace harvest::store {

/// Large answers are written compressed (LZ4) into the log as well, not only into table files: a streamed answer is
/// thirty times its text, all of it alike. Such a row begins with a zero byte, which no protobuf message does, then the
/// size of the message (u32, big-endian), then one LZ4 block.
///
///   value = large_row::packed(message, buffer)    // the message itself where packing does not pay
///   message = large_row::unpacked(value, buffer)
///
/// Both return views of the argument or of `buffer`.
namespace large_row {

std::string_view packed(std::string_view message, std::string& buffer);
/// DATA_LOSS where a packed row is broken.
absl::StatusOr<std::string_view> unpacked(std::string_view value, std::string& buffer);

}  // namespace large_row
}  // namespace harvest::store
