#pragma once

#include <cstdint>

#include "harvest/v1/teacher.pb.h"

/// Limits that state these figures a minute; 0: not stated.
inline harvest::v1::Limits per_minute(uint64_t requests, uint64_t input = 0, uint64_t output = 0) {
  harvest::v1::Limits limits;
  if (requests > 0) limits.set_requests_per_minute(requests);
  if (input > 0) limits.set_input_tokens_per_minute(input);
  if (output > 0) limits.set_output_tokens_per_minute(output);
  return limits;
}
