#pragma once

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// Was the key refused because its time is over, as with the tokens of cloud vendors, which live an hour? A new one
/// cures that; access that was taken away it does not. By the vendor's code or words, whatever its dialect.
bool is_expired_key(const Outcome& outcome);

}  // namespace harvest::dialect
