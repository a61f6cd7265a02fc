#pragma once

#include <string>

#include "tests/teachersim/teacher.h"

namespace teachersim {

/// The bytes of a reply. `request_id` may be empty (pages have none).
std::string http_response(const Reply& reply, const std::string& request_id, bool keep_alive);

}  // namespace teachersim
