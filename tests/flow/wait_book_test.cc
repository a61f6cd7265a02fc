#include "service/flow/wait_book.h"

#include <catch2/catch.hpp>
#include <map>

using namespace std::chrono_literals;
using harvest::flow::WaitBook;
namespace v1 = harvest::v1;

namespace {

std::map<std::string, int64_t> by_name(const WaitBook& book) {
  std::map<std::string, int64_t> sums;
  const v1::WaitBook rows = book.rows();
  for (const v1::Wait& wait : rows.waits()) sums[wait.teacher() + "/" + wait.cause()] += wait.us();
  return sums;
}

}  // namespace

TEST_CASE("times of one teacher and cause are summed, others stand apart", "[flow][why]") {
  WaitBook book;
  book.add("t", {"requests"}, 250ms);
  book.add("t", {"requests"}, 250ms);
  book.add("u", {"requests"}, 100ms);
  book.add("", {"pause"}, 1s);
  CHECK(by_name(book) ==
        std::map<std::string, int64_t>{{"t/requests", 500'000}, {"u/requests", 100'000}, {"/pause", 1'000'000}});
}

TEST_CASE("a divided wait loses nothing to rounding", "[flow][why]") {
  WaitBook book;
  for (int i = 0; i < 1000; ++i) book.add("t", {"requests", 3}, 250ms);
  const auto sums = by_name(book);
  CHECK(sums.at("t/requests") + sums.at("t/fairness") >= 249'999'999);
  CHECK(book.counted() == 250s);
  CHECK(sums.at("t/fairness") == Approx(2 * sums.at("t/requests")));
}

TEST_CASE("a wait for nothing is none", "[flow][why]") {
  WaitBook book;
  book.add("t", {}, 250ms);
  CHECK(book.empty());
}

TEST_CASE("the job's life is counted by the teacher that has most and by what held the whole job", "[flow][why]") {
  WaitBook book;
  book.add("t", {"requests"}, 5s);
  book.add("t", {"teacher"}, 1s);
  book.add("u", {"teacher"}, 2s);
  book.add("", {"pause"}, 10s);
  CHECK(book.counted() == 16s);
}

TEST_CASE("a book goes on from what was noted", "[flow][why]") {
  WaitBook before;
  before.add("t", {"requests"}, 5s);
  WaitBook book(before.rows(), 100s);
  CHECK(book.advance(100s + 250ms) == 250ms);
  CHECK(book.advance(101s) == 750ms);
  book.add("t", {"requests"}, 1s);
  CHECK(by_name(book) == std::map<std::string, int64_t>{{"t/requests", 6'000'000}});
}

TEST_CASE("a book is due ten seconds after it was noted, where it has changed", "[flow][why]") {
  WaitBook book({}, 100s);
  CHECK_FALSE(book.due(200s));
  book.add("t", {"requests"}, 1s);
  CHECK_FALSE(book.due(109s));
  CHECK(book.due(110s));
  book.noted(110s);
  CHECK_FALSE(book.due(200s));
  book.add("t", {"requests"}, 1s);
  CHECK_FALSE(book.due(119s));
  CHECK(book.due(120s));
}
