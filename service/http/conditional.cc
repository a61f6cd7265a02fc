#include "service/http/conditional.h"

namespace harvest::http {
namespace {

/// Calls `seen(weak, tag)` for each tag of a list until it says true. Quotes delimit, so a comma within a tag is part
/// of it.
template <typename Seen>
bool any_tag(std::string_view list, Seen seen) {
  while (!list.empty()) {
    const char c = list.front();
    if (c == ' ' || c == '\t' || c == ',') {
      list.remove_prefix(1);
      continue;
    }
    const bool weak = list.starts_with("W/");
    if (weak) list.remove_prefix(2);
    if (!list.starts_with('"')) return false;  // malformed: matches nothing
    const std::size_t end = list.find('"', 1);
    if (end == std::string_view::npos) return false;
    if (seen(weak, list.substr(0, end + 1))) return true;
    list.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

std::string etag_of(std::string_view sha256_hex) {
  std::string tag = "\"sha256-";
  tag += sha256_hex;
  tag += '"';
  return tag;
}

bool lists_etag_weakly(std::string_view list, std::string_view etag) {
  return list == "*" || any_tag(list, [&](bool, std::string_view tag) { return tag == etag; });
}

bool lists_etag_strongly(std::string_view list, std::string_view etag) {
  return list == "*" || any_tag(list, [&](bool weak, std::string_view tag) { return !weak && tag == etag; });
}

bool if_range_holds(std::string_view if_range, std::string_view etag) {
  return if_range.empty() || if_range == etag;
}

}  // namespace harvest::http
