#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/quality/labels/judged.h"

namespace harvest::quality {

/// A piece of personal data, or a secret, in a text.
struct PersonalDatum {
  size_t begin = 0, end = 0;  ///< bytes
  std::string_view rule;      ///< email, ipv4 (public ones), card, iban, phone, secret
};

/// All of a text, from left to right, none within another. Linear in its length. Checksums decide where there are some
/// (cards, IBANs); names and addresses are not found.
std::vector<PersonalDatum> find_personal_data(std::string_view text);

/// Rules `personal_data` and `personal_data_in_prompt`: which kinds, sorted and joined by `|`.
std::optional<std::string> personal_data_in_answer(const Judged& judged);
std::optional<std::string> personal_data_in_prompt(const Judged& judged);

}  // namespace harvest::quality
