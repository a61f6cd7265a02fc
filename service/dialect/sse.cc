#include "service/dialect/sse.h"

#include <algorithm>

namespace harvest::dialect {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The value of a line `field: value`, if it is of this field.
bool field_of(std::string_view line, std::string_view field, std::string_view& value) {
  if (!line.starts_with(field)) return false;
  line.remove_prefix(field.size());
  if (!line.empty() && line.front() != ':') return false;
  if (!line.empty()) line.remove_prefix(1);
  if (line.starts_with(' ')) line.remove_prefix(1);
  value = line;
  return true;
}

}  // namespace

SseSplitter::SseSplitter(std::string_view body) : body_(body) {
  if (body_.starts_with(kByteOrderMark)) offset_ = kByteOrderMark.size();
}

bool SseSplitter::next_line(std::string_view& line) {
  if (offset_ >= body_.size()) return false;
  // Each end is looked for by its own: a search for either goes byte by byte. A line feed found ahead is kept, so that
  // a body of carriage returns is not searched again for each of its lines.
  if (line_feed_ < offset_ || line_feed_ == kNotSought) line_feed_ = std::min(body_.find('\n', offset_), body_.size());
  const size_t carriage_return = body_.substr(offset_, line_feed_ - offset_).find('\r');
  const size_t end = carriage_return == std::string_view::npos ? line_feed_ : offset_ + carriage_return;
  if (end == body_.size()) {
    line = body_.substr(offset_);
    offset_ = body_.size();
    return true;
  }
  line = body_.substr(offset_, end - offset_);
  const bool pair = body_[end] == '\r' && end + 1 < body_.size() && body_[end + 1] == '\n';
  offset_ = end + (pair ? 2 : 1);
  return true;
}

bool SseSplitter::next(SseEvent& event) {
  event = {};
  begin_ = offset_;
  int data_lines = 0;
  std::string_view line, value;
  while (next_line(line)) {
    if (line.empty()) {
      if (data_lines > 0) return true;
      event = {};  // an event without data is none
      begin_ = offset_;
    } else if (field_of(line, "data", value)) {
      if (++data_lines == 2) joined_.assign(event.data);
      if (data_lines >= 2) joined_.append("\n").append(value);
      event.data = data_lines >= 2 ? std::string_view(joined_) : value;
    } else if (field_of(line, "event", value)) {
      event.name = value;
    }
  }
  return data_lines > 0;
}

}  // namespace harvest::dialect
