#include "storage/corpus/final_answer.h"

#include <catch2/catch.hpp>

using harvest::corpus::final_answer;

TEST_CASE("what a text comes to is its box, its mark, its last number or itself", "[corpus][agreement]") {
  CHECK(final_answer("so 3 is wrong, \\boxed{\\frac{1}{2}} is right, see 7") == "\\frac{1}{2}");
  CHECK(final_answer("\\boxed{1} and then \\boxed{ 42 }") == "42");
  CHECK(final_answer("3 + 4 = 7\n#### 7\n(checked twice, in 2 ways)") == "7");
  CHECK(final_answer("The sum of 3 and 4 is 7.") == "7");
  CHECK(final_answer("  Yes,\n  it  IS. ") == "yes, it is");
  CHECK(final_answer("").empty());
  CHECK(final_answer("never closed \\boxed{12") == "12");
}

TEST_CASE("a number is written one way", "[corpus][agreement]") {
  for (const char* same :
       {"1234.5", "1,234.50", "$1,234.5", "it is +1234.5", "01234.500", "\\boxed{1,234.5}", "#### $1234.50"}) {
    INFO(same);
    CHECK(final_answer(same) == "1234.5");
  }
  CHECK(final_answer("18.00") == "18");
  CHECK(final_answer("-0") == "0");
  CHECK(final_answer("it is -5") == "-5");
  CHECK(final_answer("9-5") == "5");  // taken away, not negative
  CHECK(final_answer("0.50") == "0.5");
  CHECK(final_answer("100") == "100");
  CHECK(final_answer("of 1, 2, 3") == "3");
  CHECK(final_answer("\\boxed{25\\%}") == "25");
  CHECK(final_answer("#### 25%") == "25");
}
