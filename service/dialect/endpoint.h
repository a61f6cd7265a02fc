#pragma once

#include <string_view>

#include "harvest/v1/teacher.pb.h"

namespace harvest::dialect {

/// The teacher's (first) endpoint, without a slash at its end; for dialects whose path depends on how it ends.
inline std::string_view endpoint_of(const v1::Teacher& teacher) {
  std::string_view url = teacher.endpoints_size() > 0 ? teacher.endpoints(0) : teacher.endpoint();
  if (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

}  // namespace harvest::dialect
