#include "service/dialect/lines.h"

#include "service/dialect/ascii.h"

namespace harvest::dialect {

bool LineSplitter::next(std::string_view& line) {
  while (offset_ < body_.size()) {
    const size_t end = body_.find('\n', offset_);
    line = ascii::trimmed(body_.substr(offset_, end == std::string_view::npos ? end : end - offset_));
    offset_ = end == std::string_view::npos ? body_.size() : end + 1;
    if (!line.empty()) return true;
  }
  return false;
}

}  // namespace harvest::dialect
