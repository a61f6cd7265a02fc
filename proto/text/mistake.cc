#include "proto/text/mistake.h"

#include <algorithm>
#include <cassert>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace harvest::text {
namespace {

constexpr size_t kShownBytes = 60;
// Keys and tokens of vendors are longer than this, hold digits and letters, and no space.
constexpr size_t kSecretBytes = 16;

bool looks_secret(const std::string& found) {
  if (found.rfind("sk-", 0) == 0 || absl::AsciiStrToLower(found).find("bearer ") == 0) {
    return true;
  }
  if (found.size() < kSecretBytes) {
    return false;
  }
  // An address is worth showing, unless it carries a user's name and password.
  if (found.find("://") != std::string::npos) {
    return found.find('@') != std::string::npos || found.find('?') != std::string::npos;
  }
  const auto has = [&found](auto test) { return std::any_of(found.begin(), found.end(), test); };
  return has([](unsigned char c) { return absl::ascii_isdigit(c); }) &&
         has([](unsigned char c) { return absl::ascii_isalpha(c); }) &&
         !has([](unsigned char c) { return absl::ascii_isspace(c) || c == '/' || c == '.' || c == ':'; });
}

}  // namespace

std::string Mistake::text(const std::string& file) const {
  std::string out = file;
  if (place.line > 0) {
    absl::StrAppend(&out, ":", place.line);
    if (place.column > 0) {
      absl::StrAppend(&out, ":", place.column);
    }
  }
  absl::StrAppend(&out, ": ", field, field.empty() ? "" : ": ", what);
  return out;
}

absl::Status to_status(std::vector<Mistake> mistakes, const std::string& file) {
  assert(!mistakes.empty());
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
  return absl::InvalidArgumentError(absl::StrJoin(
      mistakes, "\n", [&file](std::string* out, const Mistake& mistake) { out->append(mistake.text(file)); }));
}

std::string shown(const std::string& found) {
  if (looks_secret(found)) {
    return absl::StrCat("a text of ", found.size(), " characters (not shown: it may be a secret)");
  }
  if (found.size() > kShownBytes) {
    return absl::StrCat("'", absl::Utf8SafeCEscape(found.substr(0, kShownBytes)), "…'");
  }
  return absl::StrCat("'", absl::Utf8SafeCEscape(found), "'");
}

}  // namespace harvest::text
