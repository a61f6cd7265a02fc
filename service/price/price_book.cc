#include "service/price/price_book.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/text/time.h"

namespace harvest::price {

absl::StatusOr<PriceBook> PriceBook::of(const v1::Teacher& teacher) {
  PriceBook book;
  const auto add = [&book, &teacher](const v1::Prices& prices) -> absl::Status {
    const auto named = [&teacher](const absl::Status& status) {
      return absl::InvalidArgumentError(absl::StrCat("teacher ", teacher.name(), ": prices: ", status.message()));
    };
    Entry entry{.from_day = std::numeric_limits<int64_t>::min(), .prices = prices, .list = {}};
    if (!prices.effective_on().empty()) {
      auto day = text::parse_day(prices.effective_on());
      if (!day.ok()) return named(day.status());
      entry.from_day = *day;
    }
    auto list = PriceList::of(prices);
    if (!list.ok()) return named(list.status());
    entry.list = *std::move(list);
    book.entries_.push_back(std::move(entry));
    return absl::OkStatus();
  };
  absl::Status status;
  if (teacher.has_prices()) status.Update(add(teacher.prices()));
  for (const v1::Prices& change : teacher.price_changes()) status.Update(add(change));
  if (!status.ok()) return status;
  std::stable_sort(book.entries_.begin(), book.entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.from_day < b.from_day; });
  return book;
}

const PriceBook::Entry* PriceBook::on(int64_t day) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry)
    if (entry->from_day <= day) return &*entry;
  return nullptr;
}

}  // namespace harvest::price
