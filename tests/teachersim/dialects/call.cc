#include "tests/teachersim/dialects/call.h"

#include <algorithm>

#include "tests/teachersim/dialects/header_text.h"

namespace teachersim {

std::string_view Call::header(std::string_view name) const {
  for (std::string_view rest = headers; !rest.empty();) {
    const std::size_t end = std::min(rest.find("\r\n"), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 2, rest.size()));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && same_word(line.substr(0, colon), name))
      return trimmed(line.substr(colon + 1));
  }
  return {};
}

}  // namespace teachersim
