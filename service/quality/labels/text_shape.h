#pragma once

#include <cstddef>
#include <string_view>

namespace harvest::quality {

/// What patterns of personal data need of a text, counted in one walk: most texts have too little for any of them, and
/// no pattern is then tried.
struct TextShape {
  size_t key_bytes = 0;     ///< longest run of letters, digits, _ and -
  size_t iban_bytes = 0;    ///< most capitals and digits in a run of them and spaces
  size_t card_digits = 0;   ///< most digits in a run of them, spaces and -
  size_t phone_digits = 0;  ///< ... and . ( )
};

TextShape shape_of(std::string_view text);

}  // namespace harvest::quality
