#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "service/observe/log.h"

namespace harvest::observe::log {

/// A line as it is written, without its end: pure. Control characters and bytes that are not UTF-8 never pass as they
/// are, so no field can forge a second line or steer a terminal.
std::string json_line(std::chrono::system_clock::time_point at, Level level, std::string_view event, Fields fields,
                      uint64_t suppressed);
std::string text_line(std::chrono::system_clock::time_point at, Level level, std::string_view event, Fields fields,
                      uint64_t suppressed);

}  // namespace harvest::observe::log
