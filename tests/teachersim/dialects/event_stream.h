#pragma once

#include <string>
#include <string_view>

namespace teachersim {

/// One message of application/vnd.amazon.eventstream:
///
///     u32 total length | u32 header length | u32 CRC-32 of those eight bytes | headers | payload | u32 CRC-32 of all
///
/// Numbers are big-endian. `kind` is "event" or "exception", `name` the event's or the exception's type.
std::string event_stream_message(std::string_view kind, std::string_view name, std::string_view payload);

}  // namespace teachersim
