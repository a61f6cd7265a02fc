#include "service/flow/wait_book.h"

#include <algorithm>
#include <map>
#include <utility>

namespace harvest::flow {

using std::chrono::nanoseconds;

WaitBook::WaitBook(const v1::WaitBook& noted, limit::Instant now) : counted_at_(now), noted_at_(now) {
  for (const v1::Wait& wait : noted.waits()) add_to(wait.teacher(), wait.cause(), std::chrono::microseconds(wait.us()));
  changed_ = false;
}

nanoseconds WaitBook::advance(limit::Instant now) {
  return now - std::exchange(counted_at_, now);
}

void WaitBook::add(std::string_view teacher, const WaitFor& wait, nanoseconds time) {
  if (wait.cause.empty() || time <= nanoseconds::zero()) return;
  const nanoseconds own = time / wait.among;
  add_to(teacher, wait.cause, own);
  if (own < time) add_to(teacher, cause::kFairness, time - own);  // to the nanosecond: the sum is the time
}

void WaitBook::add_to(std::string_view teacher, std::string_view cause, nanoseconds time) {
  changed_ = true;
  const auto row = std::find_if(rows_.begin(), rows_.end(),
                                [&](const Row& known) { return known.cause == cause && known.teacher == teacher; });
  if (row != rows_.end())
    row->time += time;
  else
    rows_.push_back({std::string(teacher), std::string(cause), time});
}

nanoseconds WaitBook::counted() const {
  std::map<std::string_view, nanoseconds> sums;
  for (const Row& row : rows_) sums[row.teacher] += row.time;
  nanoseconds whole{}, most{};
  for (const auto& [teacher, sum] : sums)
    if (teacher.empty())
      whole = sum;
    else
      most = std::max(most, sum);
  return whole + most;
}

v1::WaitBook WaitBook::rows() const {
  v1::WaitBook rows;
  for (const Row& row : rows_) {
    v1::Wait* wait = rows.add_waits();
    wait->set_teacher(row.teacher);
    wait->set_cause(row.cause);
    wait->set_us(std::chrono::duration_cast<std::chrono::microseconds>(row.time).count());
  }
  return rows;
}

std::vector<std::pair<std::string_view, double>> WaitBook::by_cause() const {
  std::vector<std::pair<std::string_view, double>> sums;
  for (const Row& row : rows_) {
    auto sum = std::find_if(sums.begin(), sums.end(), [&](const auto& known) { return known.first == row.cause; });
    if (sum == sums.end()) sum = sums.insert(sums.end(), {row.cause, 0});
    sum->second += std::chrono::duration<double>(row.time).count();
  }
  return sums;
}

void WaitBook::noted(limit::Instant now) {
  noted_at_ = now;
  changed_ = false;
}

}  // namespace harvest::flow
