#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "service/price/price_list.h"

namespace harvest::price {

/// A teacher's prices over time, `prices` and `price_changes`, each from its day on. Immutable; any thread.
class PriceBook {
 public:
  struct Entry {
    int64_t from_day = 0;  ///< days since 1970-01-01 UTC; INT64_MIN: always
    v1::Prices prices;     ///< as stated
    PriceList list;
  };

  /// INVALID_ARGUMENT names teacher and field. A teacher may have no prices at all.
  static absl::StatusOr<PriceBook> of(const v1::Teacher& teacher);

  /// What is in force on this day: what began last, and of entries of one day the last in the list. Null: none, and the
  /// teacher may not be asked.
  const Entry* on(int64_t day) const;

 private:
  std::vector<Entry> entries_;  // by from_day
};

}  // namespace harvest::price
