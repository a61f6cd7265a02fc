#include "service/config/price_checks.h"

#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "proto/text/mistake.h"
#include "proto/text/money.h"
#include "proto/text/time.h"

namespace harvest::config {
namespace {

using text::shown;

/// Prices and SpecialPrices name their fields alike. Is any price there?
template <typename Message>
bool check_rates(const Message& prices, const std::string& path, const Complain& complain) {
  bool any = false;
  const auto check = [&](const char* field, const std::string& dollars) {
    if (dollars.empty()) return;
    any = true;
    if (const auto parsed = text::parse_usd_per_mtok(dollars); !parsed.ok())
      complain(absl::StrCat(path, ".", field), std::string(parsed.status().message()));
  };
  check("input_usd_per_mtok", prices.input_usd_per_mtok());
  check("cached_input_usd_per_mtok", prices.cached_input_usd_per_mtok());
  check("output_usd_per_mtok", prices.output_usd_per_mtok());
  check("cache_write_usd_per_mtok", prices.cache_write_usd_per_mtok());
  check("cache_write_long_usd_per_mtok", prices.cache_write_long_usd_per_mtok());
  check("reasoning_usd_per_mtok", prices.reasoning_usd_per_mtok());
  return any;
}

void check_special(const v1::SpecialPrices& special, const std::string& path, const Complain& complain) {
  if (!special.route().empty() && special.route() != "batch")
    complain(absl::StrCat(path, ".route"), absl::StrCat("found ", shown(special.route()), ", expected batch"));
  if (special.route().empty() && special.service_tier().empty() && special.above_input_tokens() == 0)
    complain(path, "found no condition, expected at least one of route, service_tier, above_input_tokens");
  if (!check_rates(special, path, complain)) complain(path, "found no price, expected at least one");
}

void check_prices(const v1::Prices& prices, const std::string& path, const Complain& complain) {
  const bool any = check_rates(prices, path, complain) || prices.special_size() > 0;
  for (int i = 0; i < prices.special_size(); ++i)
    check_special(prices.special(i), absl::StrCat(path, ".special[", i, "]"), complain);
  if (prices.free() && any) complain(path, "found free and a price, expected one of the two");
  if (!prices.free() && (prices.input_usd_per_mtok().empty() || prices.output_usd_per_mtok().empty()))
    complain(path,
             "expected input_usd_per_mtok and output_usd_per_mtok, or prices: free (an unknown price is not zero)");
  if (prices.effective_on().empty()) return;
  if (const auto day = text::parse_day(prices.effective_on()); !day.ok())
    complain(absl::StrCat(path, ".effective_on"), std::string(day.status().message()));
}

}  // namespace

void check_caps(const std::string& usd_per_day, const std::string& usd_per_month, const Complain& complain) {
  const auto read = [&complain](const char* field, const std::string& usd) -> std::optional<int64_t> {
    if (usd.empty()) return std::nullopt;
    const auto cap = text::parse_usd(usd);
    if (cap.ok()) return *cap;
    complain(field, std::string(cap.status().message()));
    return std::nullopt;
  };
  const std::optional<int64_t> day = read("max_cost_usd_per_day", usd_per_day);
  const std::optional<int64_t> month = read("max_cost_usd_per_month", usd_per_month);
  if (day && month && *month < *day)
    complain("max_cost_usd_per_month", absl::StrCat("found ", usd_per_month, ", less than max_cost_usd_per_day, ",
                                                    usd_per_day, "; expected at least that"));
}

void check_money(const v1::Teacher& teacher, const Complain& complain) {
  if (teacher.has_prices()) check_prices(teacher.prices(), "prices", complain);
  std::set<std::string> days{teacher.prices().effective_on()};
  for (int i = 0; i < teacher.price_changes_size(); ++i) {
    const v1::Prices& prices = teacher.price_changes(i);
    const std::string path = absl::StrCat("price_changes[", i, "]");
    check_prices(prices, path, complain);
    if (prices.effective_on().empty())
      complain(path, "found no effective_on, expected the day from which these prices hold");
    else if (!days.insert(prices.effective_on()).second)
      complain(absl::StrCat(path, ".effective_on"),
               absl::StrCat("found ", prices.effective_on(), " a second time, expected each day once"));
  }
  check_caps(teacher.max_cost_usd_per_day(), teacher.max_cost_usd_per_month(), complain);
}

}  // namespace harvest::config
