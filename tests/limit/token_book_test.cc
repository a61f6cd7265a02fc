#include "service/limit/token_book.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>

using harvest::limit::TokenBook;
using harvest::limit::TokenHistogram;

namespace {

/// Numbers from 0 to 1 that fill it evenly, whichever stretch of them one takes (golden ratio sequence): what is tested
/// is the book, not the luck of a draw.
class Even {
 public:
  double next() { return at_ = std::fmod(at_ + 0.6180339887498949, 1.0); }

 private:
  double at_ = 0.5;
};

/// Of a standard normal, by halving: slow, and exact enough.
double normal_quantile(double share) {
  double low = -8, high = 8;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < share ? low : high) = middle;
  }
  return low;
}

int64_t lognormal(double median, double sigma, double share) {
  return std::max<int64_t>(1, std::llround(median * std::exp(sigma * normal_quantile(share))));
}

using Distribution = std::function<int64_t(double share)>;

/// Answers of these lengths, each cut off at `cap`.
void feed(TokenBook& book, TokenBook::Kind kind, int count, const Distribution& length, int64_t cap = 1'000'000) {
  Even even;
  for (int i = 0; i < count; ++i) {
    const int64_t tokens = length(even.next());
    book.learn(kind, {.output_tokens = std::min(tokens, cap), .cut_off = tokens >= cap});
  }
}

bool within(int64_t measured, int64_t exact, double share) {
  INFO(measured << " for " << exact);
  return std::abs(static_cast<double>(measured - exact)) <= share * static_cast<double>(exact);
}

constexpr int64_t kCap = 100'000;
const Distribution kLognormal = [](double share) { return lognormal(300, 0.8, share); };

}  // namespace

TEST_CASE("whatever the length, a histogram tells it to five percent", "[limit]") {
  for (int64_t value = 1; value < 2'000'000; value += 1 + value / 50) {
    TokenHistogram histogram;
    for (int i = 0; i < 3; ++i) histogram.add(value);
    for (const double share : {0.0, 0.5, 0.99, 1.0}) REQUIRE(within(histogram.quantile(share).value(), value, 0.05));
  }
}

TEST_CASE("quantiles of a lognormal distribution are found", "[limit]") {
  TokenBook book;
  feed(book, 1, 2000, kLognormal);
  for (const double share : {0.1, 0.25, 0.5, 0.75, 0.9, 0.95}) {
    INFO(share);
    CHECK(within(book.output_tokens(1, kCap, share), kLognormal(share), 0.07));
  }
  // A hundredth of 250 answers is two or three of them.
  CHECK(within(book.output_tokens(1, kCap, 0.99), kLognormal(0.99), 0.2));
}

TEST_CASE("quantiles of two kinds of answers under one kind of prompt are found", "[limit]") {
  TokenBook book;
  feed(book, 1, 2000, [](double share) { return share < 0.7 ? 20 : 3000; });
  CHECK(within(book.output_tokens(1, kCap, 0.5), 20, 0.05));
  CHECK(within(book.output_tokens(1, kCap, 0.65), 20, 0.05));
  CHECK(within(book.output_tokens(1, kCap, 0.75), 3000, 0.05));
  CHECK(within(book.output_tokens(1, kCap, 0.99), 3000, 0.05));
}

TEST_CASE("an estimate is never above the cap that is asked for", "[limit]") {
  TokenBook book;
  feed(book, 1, 100, [](double) { return 500; });
  CHECK(within(book.output_tokens(1, kCap, 0.9), 500, 0.05));
  CHECK(book.output_tokens(1, 200, 0.9) == 200);
}

TEST_CASE("an answer that was cut off says at least, not exactly", "[limit]") {
  TokenBook book;
  // Half of the answers are asked for under a cap below the median, and most of these are cut off.
  Even even;
  for (int i = 0; i < 3000; ++i) {
    const int64_t tokens = kLognormal(even.next());
    const int64_t cap = i % 2 == 0 ? 200 : 2000;
    book.learn(1, {.output_tokens = std::min(tokens, cap), .cut_off = tokens >= cap});
  }
  CHECK(within(book.output_tokens(1, kCap, 0.25), kLognormal(0.25), 0.1));
  CHECK(within(book.output_tokens(1, kCap, 0.5), kLognormal(0.5), 0.1));
  CHECK(within(book.output_tokens(1, kCap, 0.9), kLognormal(0.9), 0.1));
}

TEST_CASE("what lies beyond all caps so far needs the cap", "[limit]") {
  TokenBook book;
  feed(book, 1, 1000, kLognormal, 400);
  CHECK(within(book.output_tokens(1, kCap, 0.5), kLognormal(0.5), 0.07));
  CHECK(book.output_tokens(1, kCap, 0.9) == kCap);
  CHECK(book.figures(1).output_median.has_value());
  CHECK_FALSE(book.figures(1).output_p90.has_value());
  CHECK(book.figures(1).cut_off > 300);
  // All of them cut off.
  feed(
      book, 2, 100, [](double) { return 5000; }, 400);
  CHECK(book.output_tokens(2, 600, 0.01) == 600);
}

TEST_CASE("a change of the answers is followed within some hundreds of them", "[limit]") {
  for (const double factor : {0.2, 5.0}) {
    TokenBook book;
    const Distribution then = [&](double share) { return lognormal(300 * factor, 0.8, share); };
    feed(book, 1, 5000, kLognormal);
    feed(book, 1, 600, then);
    INFO(factor);
    CHECK(within(book.output_tokens(1, kCap, 0.5), then(0.5), 0.15));
    CHECK(within(book.output_tokens(1, kCap, 0.8), then(0.8), 0.3));
    feed(book, 1, 1200, then);
    CHECK(within(book.output_tokens(1, kCap, 0.9), then(0.9), 0.1));
  }
}

TEST_CASE("kinds do not mix", "[limit]") {
  TokenBook book;
  for (int i = 0; i < 50; ++i) {
    feed(book, 1, 1, [](double) { return 10; });
    feed(book, 2, 1, [](double) { return 1000; });
  }
  CHECK(book.output_tokens(1, kCap, 0.99) == 10);
  CHECK(within(book.output_tokens(2, kCap, 0.01), 1000, 0.05));
}

TEST_CASE("of output nothing is known before twenty answers, and a new kind begins with what the teacher has answered",
          "[limit]") {
  TokenBook book;
  feed(book, 1, 19, [](double) { return 10; });
  CHECK(book.output_tokens(1, kCap, 0.5) == kCap);
  CHECK(book.input_tokens(1, 1000, 0.5) == 1000);  // of input nothing was told
  feed(book, 1, 1, [](double) { return 10; });
  CHECK(book.output_tokens(1, kCap, 0.5) == 10);
  CHECK(book.output_tokens(2, kCap, 0.5) == 10);
  feed(book, 2, 1, [](double) { return 12; });
  CHECK(book.output_tokens(2, kCap, 0.3) == 12);
  feed(book, 2, 1, [](double) { return 900; });
  CHECK(book.output_tokens(2, kCap, 0.3) == 900);  // the long one tells
  feed(book, 2, 17, [](double) { return 1000; });
  CHECK(book.output_tokens(2, 500, 0.3) == 500);
  feed(book, 2, 1, [](double) { return 1000; });
  CHECK(within(book.output_tokens(2, kCap, 0.3), 1000, 0.05));
}

TEST_CASE("the kind that has been without an answer for longest goes", "[limit]") {
  TokenBook book;
  for (TokenBook::Kind kind = 0; kind < 256; ++kind) feed(book, kind, 20, [](double) { return 10; });
  feed(book, 0, 1, [](double) { return 10; });
  CHECK(book.kinds() == 256);
  feed(book, 1000, 1, [](double) { return 10; });
  CHECK(book.kinds() == 256);
  CHECK(book.figures(0).answers == 21);
  CHECK(book.figures(1).answers == 0);
  CHECK(book.figures(2).answers == 20);
  CHECK(book.figures(1000).answers == 1);
  CHECK(book.figures().answers == 256 * 20 + 2);
}

TEST_CASE("input is estimated from what was reported for each byte", "[limit]") {
  TokenBook book;
  Even even;
  // From a fifth to three tenths of a token per byte.
  for (int i = 0; i < 1000; ++i)
    book.learn(1, {.input_tokens_max = 10'000, .input_tokens = std::llround(10'000 * (0.2 + 0.1 * even.next()))});
  CHECK(within(book.input_tokens(1, 1000, 0.5), 250, 0.05));
  CHECK(within(book.input_tokens(1, 1000, 0.95), 295, 0.05));
  CHECK(book.figures(1).input_ratio_median.value() == Approx(0.25).epsilon(0.05));
  // Outputs are another matter: none were told.
  CHECK(book.output_tokens(1, kCap, 0.5) == kCap);
}

TEST_CASE("until twenty answers are known no prompt is taken for less dense than the densest so far", "[limit]") {
  TokenBook book;
  CHECK(book.input_tokens(1, 1000, 0.5) == 1000);  // nothing is known: a token in each byte
  book.learn(1, {.input_tokens_max = 1000, .input_tokens = 250});
  CHECK(book.input_tokens(1, 1000, 0.5) == 313);
  CHECK(book.input_tokens(2, 1000, 0.5) == 313);
  for (int i = 0; i < 17; ++i) book.learn(1, {.input_tokens_max = 1000, .input_tokens = 100});
  CHECK(book.input_tokens(1, 1000, 0.5) == 313);
  book.learn(1, {.input_tokens_max = 1000, .input_tokens = 5000});  // more than the bound is the bound
  CHECK(book.input_tokens(1, 1000, 0.5) == 1000);
  CHECK(book.input_tokens_per_kib() == 0);
  book.learn(1, {.input_tokens_max = 1000, .input_tokens = 100});
  CHECK(within(book.input_tokens(1, 1000, 0.5), 100, 0.05));
  CHECK(within(book.input_tokens_per_kib(), 102, 0.05));
}

TEST_CASE("a new kind is a token in each byte until its own answers tell better, however well the teacher is known",
          "[limit]") {
  TokenBook book;
  for (int i = 0; i < 100; ++i) book.learn(1, {.input_tokens_max = 1000, .input_tokens = 250});
  CHECK(within(book.input_tokens(1, 1000, 0.9), 250, 0.05));
  CHECK(book.input_tokens(2, 1000, 0.9) == 1000);
  book.learn(2, {.input_tokens_max = 1000, .input_tokens = 640});
  CHECK(book.input_tokens(2, 1000, 0.9) == 800);
  book.learn(3, {.input_tokens_max = 1000, .input_tokens = 10});
  CHECK(within(book.input_tokens(3, 1000, 0.9), 250, 0.05));  // no less than what is usual
  for (int i = 0; i < 19; ++i) book.learn(2, {.input_tokens_max = 1000, .input_tokens = 640});
  CHECK(within(book.input_tokens(2, 1000, 0.9), 640, 0.05));
}

TEST_CASE("where each prompt is a kind of its own the teacher as a whole stands in", "[limit]") {
  TokenBook book;
  for (TokenBook::Kind kind = 0; kind < 31; ++kind) book.learn(kind, {.input_tokens_max = 1000, .input_tokens = 250});
  CHECK(book.input_tokens(1000, 1000, 0.9) == 1000);
  for (TokenBook::Kind kind = 31; kind < 600; ++kind) book.learn(kind, {.input_tokens_max = 1000, .input_tokens = 250});
  CHECK(within(book.input_tokens(1000, 1000, 0.9), 250, 0.05));
  // Until kinds tell again: those that came once go as others come.
  for (TokenBook::Kind kind = 1000; kind < 1130; ++kind)
    for (int i = 0; i < 20; ++i) book.learn(kind, {.input_tokens_max = 1000, .input_tokens = 250});
  CHECK(book.input_tokens(5000, 1000, 0.9) == 1000);
}

TEST_CASE("what an earlier run found of input holds until this one has found more", "[limit]") {
  TokenBook book;
  book.expect_input(256);
  CHECK(book.input_tokens(1, 1000, 0.9) == 250);
  book.learn(1, {.input_tokens_max = 1000, .input_tokens = 40});
  CHECK(book.input_tokens(1, 1000, 0.9) == 250);
  book.learn(1, {.input_tokens_max = 1000, .input_tokens = 400});
  CHECK(book.input_tokens(1, 1000, 0.9) == 500);
  for (const int64_t absurd : {int64_t{-5}, int64_t{0}, std::numeric_limits<int64_t>::max()}) {
    TokenBook fresh;
    fresh.expect_input(absurd);
    CHECK(fresh.input_tokens(1, 1000, 0.9) == 1000);
  }
}

TEST_CASE("absurd figures do no harm", "[limit]") {
  constexpr int64_t kHuge = int64_t{1} << 41;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  TokenBook book;
  for (const int64_t absurd : {int64_t{0}, int64_t{-1}, kLeast, kHuge, kMost}) {
    for (int i = 0; i < 30; ++i) {
      book.learn(1, {.input_tokens_max = absurd, .input_tokens = absurd, .output_tokens = absurd});
      book.learn(1, {.input_tokens_max = 100, .input_tokens = absurd, .output_tokens = absurd, .cut_off = true});
    }
  }
  CHECK(book.kinds() == 0);
  CHECK(book.figures().answers == 0);
  CHECK(book.output_tokens(1, kMost, 0.5) == kMost);
  CHECK(book.output_tokens(1, 0, 0.5) == 0);
  CHECK(book.output_tokens(1, kLeast, 0.5) == 0);
  CHECK(book.input_tokens(1, kLeast, 0.5) == 1);
  CHECK(book.input_tokens(1, 0, 0.5) == 1);
  CHECK(book.input_tokens(1, kMost, 0.5) <= kMost);

  feed(book, 1, 100, [](double) { return 50; });
  book.learn(1, {.input_tokens_max = 1, .input_tokens = 1, .output_tokens = int64_t{1} << 40});
  CHECK(within(book.output_tokens(1, kCap, 0.5), 50, 0.05));
  for (const double share : {-1.0, 0.0, 1.0, 7.0, std::nan("")}) {
    CHECK(book.output_tokens(1, kCap, share) >= 1);
    CHECK(book.output_tokens(1, kCap, share) <= kCap);
    CHECK(book.input_tokens(1, 10, share) >= 1);
    CHECK(book.input_tokens(1, 10, share) <= 10);
  }
}
