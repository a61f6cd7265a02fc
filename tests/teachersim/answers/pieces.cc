#include "tests/teachersim/answers/pieces.h"

#include <algorithm>

namespace teachersim {

std::vector<std::string_view> pieces_of(std::string_view text, std::size_t bytes) {
  auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    std::size_t end = std::min(std::max<std::size_t>(bytes, 1), text.size());
    while (end > 1 && end < text.size() && continues(end)) --end;
    while (end < text.size() && continues(end)) ++end;  // a character longer than the piece
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return pieces;
}

std::string sse_event(std::string_view name, std::string_view data) {
  std::string event;
  if (!name.empty()) event.append("event: ").append(name).append("\n");
  return event.append("data: ").append(data).append("\n\n");
}

}  // namespace teachersim
