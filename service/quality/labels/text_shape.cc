#include "service/quality/labels/text_shape.h"

#include <algorithm>

namespace harvest::quality {

TextShape shape_of(std::string_view text) {
  TextShape shape;
  size_t key = 0, iban = 0, card = 0, phone = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9', space = c == ' ', dash = c == '-';
    const bool capital = c >= 'A' && c <= 'Z';
    key = digit || capital || dash || c == '_' || (c >= 'a' && c <= 'z') ? key + 1 : 0;
    iban = digit || capital ? iban + 1 : space ? iban : 0;
    card = digit ? card + 1 : space || dash ? card : 0;
    phone = digit ? phone + 1 : space || dash || c == '.' || c == '(' || c == ')' ? phone : 0;
    shape.key_bytes = std::max(shape.key_bytes, key);
    shape.iban_bytes = std::max(shape.iban_bytes, iban);
    shape.card_digits = std::max(shape.card_digits, card);
    shape.phone_digits = std::max(shape.phone_digits, phone);
  }
  return shape;
}

}  // namespace harvest::quality
