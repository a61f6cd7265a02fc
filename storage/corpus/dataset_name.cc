#include "storage/corpus/dataset_name.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace harvest::corpus {
namespace {

constexpr size_t kNameMax = 100;

bool is_letter_or_digit(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c));
}

absl::Status check(const char* what, std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(),
                                 [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
  if (plain && !name.empty() && name.size() <= kNameMax && is_letter_or_digit(name[0])) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": found '", std::string(name),
                   "', expected 1 to 100 of a-z, 0-9, '.', '_', '-', beginning with a letter or digit"));
}

}  // namespace

absl::Status check_dataset_name(std::string_view name) {
  return check("dataset", name);
}

absl::Status check_view_name(std::string_view name) {
  return check("view", name);
}

}  // namespace harvest::corpus
