#include "service/quality/labels/checksums.h"

#include <string>

#include "absl/strings/ascii.h"

namespace harvest::quality {

bool passes_luhn(std::string_view number) {
  int sum = 0, digits = 0;
  for (auto c = number.rbegin(); c != number.rend(); ++c) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(*c))) continue;
    const int digit = (*c - '0') << (digits % 2);
    sum += digit > 9 ? digit - 9 : digit;
    ++digits;
  }
  return digits > 1 && sum % 10 == 0;
}

bool passes_iban(std::string_view iban) {
  std::string packed;
  for (const char c : iban)
    if (c != ' ') packed += c;
  if (packed.size() < 15 || packed.size() > 34) return false;
  const std::string turned = packed.substr(4) + packed.substr(0, 4);
  unsigned rest = 0;
  for (const char c : turned) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c)))
      rest = (rest * 10 + static_cast<unsigned>(c - '0')) % 97;
    else
      rest = (rest * 100 + static_cast<unsigned>(c - 'A') + 10) % 97;
  }
  return rest == 1;
}

}  // namespace harvest::quality
