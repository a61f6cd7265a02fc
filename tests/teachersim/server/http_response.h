#pragma once

#include <string>
#include <string_view>

#include "tests/teachersim/teacher.h"

namespace teachersim {

/// The bytes of a delivery; of a stream only the head. Its request id may be empty (pages have none).
std::string http_response(const Delivery& delivery, bool keep_alive);

/// One chunk of a chunked body; an empty one ends it.
void append_chunk(std::string& out, std::string_view bytes);

}  // namespace teachersim
