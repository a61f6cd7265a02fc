#include "service/quality/labels/benchmark_list.h"

#include <catch2/catch.hpp>

#include "tests/quality/labels/judging.h"

using namespace harvest;
using namespace harvest::quality;

namespace {

/// sums: a text of 20 words and one of 9; facts: a text of 15 words.
BenchmarkList two_benchmarks() {
  BenchmarkList list;
  const size_t sums = list.add_benchmark("sums");
  const size_t facts = list.add_benchmark("facts");
  list.add_text(sums, words(20));
  list.add_text(sums, words(9, 100));
  list.add_text(sums, "too short to tell");
  list.add_text(facts, words(15, 10));
  return list;
}

}  // namespace

TEST_CASE("thirteen words in a row of a benchmark are found in prompt and answer, twelve are not", "[labels]") {
  const BenchmarkList list = two_benchmarks();
  CHECK(list.find(*Judging("Fine. " + words(13, 3))) == "sums");
  CHECK(list.find(*Judging("Yes.", "Hear: " + words(13, 7))) == "sums");
  CHECK_FALSE(list.find(*Judging(words(12))));
  CHECK_FALSE(list.find(*Judging("too short to tell")));
  // Case and what stands between the words are no difference.
  CHECK(list.find(*Judging("WORD0, word1; word2 word3 word4 word5 word6 word7\nword8 word9 word10 word11 -- word12")) ==
        "sums");
}

TEST_CASE("a short text of a benchmark is found whole", "[labels]") {
  const BenchmarkList list = two_benchmarks();
  CHECK(list.find(*Judging("So: " + words(9, 100) + "it is.")) == "sums");
  CHECK_FALSE(list.find(*Judging(words(8, 100))));
}

TEST_CASE("all benchmarks that an answer repeats are named", "[labels]") {
  CHECK(two_benchmarks().find(*Judging(words(30))) == "facts|sums");
  CHECK_FALSE(BenchmarkList().find(*Judging(words(30))));
}

TEST_CASE("the version of a list tells what is in it, not in which order", "[labels]") {
  BenchmarkList other;
  const size_t facts = other.add_benchmark("facts");
  const size_t sums = other.add_benchmark("sums");
  other.add_text(facts, words(15, 10));
  other.add_text(sums, words(9, 100));
  other.add_text(sums, words(20));
  CHECK(other.version() == two_benchmarks().version());
  other.add_text(sums, words(20, 500));
  CHECK(other.version() != two_benchmarks().version());
  CHECK(BenchmarkList().version().empty());
}
