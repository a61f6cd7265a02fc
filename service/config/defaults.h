#pragma once

#include <cstdint>

#include "harvest/v1/config.pb.h"

namespace harvest::config {

/// The largest cap on an answer that is believed: no model writes so much, and what it costs can be counted.
inline constexpr uint32_t kOutputTokensMax = 10'000'000;

/// Puts in what the protos name as the meaning of 0 or empty, so that nobody else needs to know it.
void fill_defaults(v1::Config* config);

/// Of one teacher alone: for teachers that come by another way than the file.
void fill_defaults(v1::Teacher* teacher);

}  // namespace harvest::config
