#include "service/plan/forecast.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <utility>

namespace harvest::plan {

namespace {

constexpr double kTail = 0.05;  // on either side: nine in ten lie between
/// No sample, however even, foretells the rest more narrowly than this share of it.
constexpr double kNarrowest = 0.005;
constexpr size_t kRowsMin = 2;

/// A stratum without a variance of its own takes its neighbour's.
std::vector<Stratum> joined(std::vector<Stratum> strata) {
  std::vector<Stratum> whole;
  const auto join = [](Stratum& to, Stratum& from) {
    to.prompts += from.prompts;
    to.bytes += from.bytes;
    to.rows.insert(to.rows.end(), from.rows.begin(), from.rows.end());
  };
  for (Stratum& stratum : strata) {
    if (!whole.empty() && whole.back().rows.size() < kRowsMin)
      join(whole.back(), stratum);
    else
      whole.push_back(std::move(stratum));
  }
  if (whole.size() > 1 && whole.back().rows.size() < kRowsMin) {
    join(whole[whole.size() - 2], whole.back());
    whole.pop_back();
  }
  return whole;
}

/// One stratum's share of the forecast.
struct Share {
  double known = 0;     // what its rows are yet to take themselves
  double rest = 0;      // what is predicted for the others
  double variance = 0;  // of a row
  double cubes = 0;     // sum of the rows' standardized deviations, cubed
  double n = 0;
  double left = 0;   // prompts that were not looked at
  double again = 0;  // rows that are asked again, and may come to something else
};

Share share_of(const Stratum& stratum) {
  Share share{.n = static_cast<double>(stratum.rows.size())};
  double bytes = 0, by_bytes = 0, by_prompt = 0;
  for (const Row& row : stratum.rows) {
    bytes += row.bytes;
    by_bytes += row.by_bytes;
    by_prompt += row.by_prompt;
    share.known += row.itself;
    share.again += row.itself > 0 ? 1 : 0;
  }
  const double per_byte = bytes > 0 ? by_bytes / bytes : 0, mean = by_prompt / share.n;
  share.left = std::max(0.0, stratum.prompts - share.n);
  share.rest = per_byte * std::max(0.0, stratum.bytes - bytes) + mean * share.left;
  const auto deviation = [&](const Row& row) { return row.by_bytes + row.by_prompt - per_byte * row.bytes - mean; };
  if (share.n < kRowsMin) {
    // Of one row nobody knows how far others lie from it.
    share.variance = std::pow(by_bytes + by_prompt, 2);
    return share;
  }
  double squares = 0;
  for (const Row& row : stratum.rows) squares += deviation(row) * deviation(row);
  share.variance = squares / (share.n - 1);
  if (share.variance <= 0) return share;
  for (const Row& row : stratum.rows) share.cubes += std::pow(deviation(row) / std::sqrt(share.variance), 3);
  return share;
}

/// Hall's transformation of a studentized statistic of this skewness, turned round: the quantile that a symmetric one
/// would have at `t`.
double unskewed(double t, double skewness) {
  if (std::abs(skewness) < 1e-6) return t;
  return (std::cbrt(1 + skewness * (t - skewness / 6)) - 1) * 3 / skewness;
}

}  // namespace

Interval& Interval::operator+=(const Interval& other) {
  low += other.low;
  expected += other.expected;
  high += other.high;
  return *this;
}

Interval operator*(const Interval& interval, double by) {
  return {interval.low * by, interval.expected * by, interval.high * by};
}

Interval forecast(std::vector<Stratum> strata) {
  strata = joined(std::move(strata));
  double known = 0, rest = 0, variance = 0, satterthwaite = 0, cubes = 0, rows = 0;
  std::vector<Share> shares;
  for (const Stratum& stratum : strata) {
    assert(!stratum.rows.empty());
    const Share& share = shares.emplace_back(share_of(stratum));
    known += share.known;
    rest += share.rest;
    const double of_total = (share.left * share.left / share.n + share.left + share.again) * share.variance;
    variance += of_total;
    satterthwaite += of_total * of_total / std::max(1.0, share.n - 1);
    cubes += share.cubes;
    rows += share.n;
  }
  const double expected = known + rest;
  const double narrowest = kNarrowest * expected;
  Interval total{std::max(0.0, expected - narrowest), expected, expected + narrowest};
  if (variance <= 0) return total;

  const double error = std::sqrt(variance);
  double third = 0;
  for (const Share& share : shares)
    third += (share.left * share.left * share.left / (share.n * share.n) - share.left) * std::pow(share.variance, 1.5);
  const double skewness = cubes / rows * third / (error * error * error);
  const boost::math::students_t t(variance * variance / satterthwaite);
  const double quantile = boost::math::quantile(boost::math::complement(t, kTail));
  total.low = std::clamp(expected - error * unskewed(quantile, skewness), 0.0, total.low);
  total.high = std::max(total.high, expected - error * unskewed(-quantile, skewness));
  return total;
}

}  // namespace harvest::plan
