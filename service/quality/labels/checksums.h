#pragma once

#include <string_view>

namespace harvest::quality {

/// The last digit of a card's number is right (ISO/IEC 7812). Characters that are no digits are passed over.
bool passes_luhn(std::string_view number);
/// The check digits of an IBAN are right (ISO 7064, MOD 97-10), and it is 15 to 34 characters long. Spaces are passed
/// over; letters are large.
bool passes_iban(std::string_view iban);

}  // namespace harvest::quality
