#include "service/limit/window_book.h"

#include <catch2/catch.hpp>

using harvest::limit::WindowBook;
using namespace std::chrono_literals;

namespace {

WindowBook minute_book() {
  WindowBook book;
  book.shape(60s, 250ms);
  return book;
}

}  // namespace

TEST_CASE("an amount weighs for a window and the jitter and not much longer", "[limit]") {
  WindowBook book = minute_book();
  book.add(7, 100s);
  CHECK(book.weight(100s) == 7);
  CHECK(book.weight(160s + 250ms) == 7);
  CHECK(book.weight(160s + 500ms) == 0);
  book.add(1, 300s);
  CHECK(book.weight(300s) == 1);
}

TEST_CASE("a sliding counter may still see what the log has forgotten", "[limit]") {
  WindowBook book = minute_book();
  book.add(100, 100s);
  CHECK(book.worst_estimate(100s) == 100);
  CHECK(book.worst_estimate(190s) > 45);
  CHECK(book.worst_estimate(190s) < 55);
  CHECK(book.worst_estimate(222s) == 0);
}

TEST_CASE("a refund lightens the window it was taken in and no other", "[limit]") {
  WindowBook book = minute_book();
  book.add(10, 10s);
  book.add(10, 90s);
  book.amend(10s, -10, 91s);
  CHECK(book.weight(91s) == 10);
  book.amend(90s, -4, 92s);
  CHECK(book.weight(92s) == 6);
  CHECK(book.last_window(120s) == 6);
  CHECK(book.last_window(180s) == 0);
}

TEST_CASE("the book says when it is light enough, and not a slot before", "[limit]") {
  WindowBook book = minute_book();
  for (int i = 0; i < 10; ++i) book.add(10, 100s + i * 6s);
  CHECK(book.light_at(100, 154s) == 154s);
  const auto light = book.light_at(90, 154s);
  CHECK(light > 160s + 250ms);
  CHECK(light < 167s);
  CHECK(book.worst_estimate(light) <= 90);
  CHECK(book.worst_estimate(light - 1ms) > 90);
}
