#include "service/quality/labels/unclosed.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace harvest::quality {
namespace {

constexpr size_t kFenceLeast = 3;

bool thinks_on(std::string_view text) {
  const size_t begun = text.rfind("<think>");
  return begun != std::string_view::npos && text.find("</think>", begun) == std::string_view::npos;
}

bool is_fenced(absl::string_view text) {
  char mark = '\0';  // of the open fence
  size_t length = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const absl::string_view line = absl::StripAsciiWhitespace(text.substr(begin, end - begin));
    begin = end + 1;
    if (line.empty() || (line[0] != '`' && line[0] != '~')) continue;
    const size_t run = std::min(line.find_first_not_of(line[0]), line.size());
    if (run < kFenceLeast) continue;
    if (mark == '\0') {
      // ```code``` in one line opens nothing.
      if (line[0] == '`' && line.find('`', run) != absl::string_view::npos) continue;
      mark = line[0];
      length = run;
    } else if (line[0] == mark && run >= length && run == line.size()) {
      mark = '\0';
    }
  }
  return mark != '\0';
}

}  // namespace

std::optional<std::string> find_unclosed(const Judged& judged) {
  const std::string& text = judged.message.content();
  if (thinks_on(text)) return "think";
  if (is_fenced(text)) return "fence";
  return std::nullopt;
}

}  // namespace harvest::quality
