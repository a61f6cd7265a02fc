#include "storage/corpus/where.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/corpus/pair_fixture.h"

using harvest::corpus::PairFixture;
using harvest::corpus::Row;
using harvest::corpus::Where;

namespace {

bool admits(std::string_view text, const std::string& line = PairFixture().line()) {
  const auto where = Where::parse(text);
  INFO(text << ": " << where.status());
  REQUIRE(where.ok());
  Row row(where->columns());
  REQUIRE(row.read(line).ok());
  return where->admits(row);
}

std::string mistake(std::string_view text) {
  const auto where = Where::parse(text);
  return where.ok() ? "" : std::string(where.status().message());
}

}  // namespace

TEST_CASE("columns are compared with values of their type", "[corpus][where]") {
  CHECK(admits("finish_reason = 'stop'"));
  CHECK_FALSE(admits("finish_reason = 'length'"));
  CHECK(admits("finish_reason != 'length'"));
  CHECK(admits("finish_reason <> 'length'"));
  CHECK(admits("prompt_tokens = 12"));
  CHECK(admits("prompt_tokens < 12.5 and prompt_tokens > 11.5"));
  CHECK(admits("prompt_tokens <= 12 and prompt_tokens >= 12"));
  CHECK_FALSE(admits("prompt_tokens > 12"));
  CHECK_FALSE(admits("prompt_tokens < 12"));
  CHECK(admits("agreement = -1"));
  CHECK(admits("agreement < 1e-5 and agreement > -1.5E+1"));
  CHECK(admits("log_index = -1"));
  CHECK(admits("requested_at > '2025-11-22'"));
  CHECK(admits("refused = false and self_attested = true and refused != true"));
  CHECK(admits("customer_id = 'c_12'"));
}

TEST_CASE("a bool column stands alone, and not, and, or bind in this order", "[corpus][where]") {
  CHECK(admits("self_attested"));
  CHECK(admits("not refused"));
  CHECK(admits("NOT refused AND self_attested"));
  CHECK(admits("refused and refused or self_attested"));
  CHECK_FALSE(admits("refused and (refused or self_attested)"));
  CHECK_FALSE(admits("not self_attested or refused"));
  CHECK_FALSE(admits("not (self_attested or refused)"));
  CHECK(admits("not not self_attested"));
}

TEST_CASE("lists, patterns and sets are asked about by in, like and has", "[corpus][where]") {
  CHECK(admits("teacher_id in ('mini', 'qwen')"));
  CHECK(admits("teacher_id not in ('mini')"));
  CHECK(admits("prompt_tokens in (1, 12)"));
  CHECK_FALSE(admits("teacher_id in ('mini')"));
  CHECK(admits("model_requested like 'Qwen/%'"));
  PairFixture odd;
  odd.prompt.set_customer("c\\ü.2");
  CHECK(
      admits("customer_id like 'c\\_.2'", odd.line()));  // _ is a character and not a byte; other signs mean themselves
  CHECK_FALSE(admits("customer_id like 'c\\__.2'", odd.line()));
  CHECK_FALSE(admits("model_requested like 'Qwen.%'"));
  CHECK(admits("model_requested not like '%70B%'"));
  CHECK(admits("purposes has 'training' and purposes has 'evaluation'"));
  CHECK_FALSE(admits("purposes has 'train'"));
  CHECK_FALSE(admits("purposes has ''"));
  CHECK(admits("purposes not has 'demo'"));
}

TEST_CASE("a quote in a text is doubled", "[corpus][where]") {
  PairFixture pair;
  pair.prompt.set_customer("o'neil");
  CHECK(admits("customer_id = 'o''neil'", pair.line()));
}

TEST_CASE("a blank filter admits every row", "[corpus][where]") {
  const auto where = Where::parse("  ");
  REQUIRE(where.ok());
  CHECK(where->all());
  CHECK(where->columns().empty());
}

TEST_CASE("a column that an earlier version had not is unknown", "[corpus][where]") {
  std::string line = PairFixture().line();
  line.resize(line.find(",\"teacher_epoch\""));
  line += '}';
  CHECK(admits("teacher_epoch = -1 and not labels has 'truncated'", line));
}

TEST_CASE("a mistake is named with its place, what was found and what was expected", "[corpus][where]") {
  CHECK(mistake("finish_raeson = 'stop'") ==
        "character 1: found \"finish_raeson\", expected a column of the records (pairs show prints them)");
  CHECK(mistake("refused and prompt_tokens = 'x'") ==
        "character 29: found 'x', expected a number: prompt_tokens is int64");
  CHECK(mistake("teacher_id = 3") ==
        "character 14: found \"3\", expected a text in single quotes: teacher_id is string");
  CHECK(mistake("refused < true") == "character 9: found \"<\", expected = or != for a bool");
  CHECK(mistake("teacher_id") ==
        "character 11: found the end, expected a comparison, in, like or has: teacher_id is string");
  CHECK(mistake("prompt_tokens like '1%'").find("like asks about texts") != std::string::npos);
  CHECK(mistake("teacher_id = 'qwen") == "character 14: found a text without an end, expected a closing single quote");
  CHECK(mistake("refused or") == "character 11: found the end, expected a column");
  CHECK(mistake("(refused") == "character 9: found the end, expected and, or or )");
  CHECK(mistake("refused refused") == "character 9: found \"refused\", expected and, or or the end");
  CHECK(mistake("messages = 'x'").find("one value") != std::string::npos);
  CHECK(mistake("teacher_id in ()").find("a text") != std::string::npos);
  CHECK(mistake("teacher_id in ('a' 'b')").find(", or )") != std::string::npos);
  CHECK(mistake("teacher_id not = 'a'").find("in, like or has") != std::string::npos);
  CHECK(mistake("prompt_tokens = 1x").find("a number") != std::string::npos);
  CHECK(mistake("prompt_tokens = -").find("a number") != std::string::npos);
  CHECK(mistake("refused; drop").find("\";\"") != std::string::npos);
  CHECK(mistake(std::string(1000, '(')).find("at most 200") != std::string::npos);
  CHECK(
      mistake("teacher_id = ‘qwen’") ==
      "character 14: found \"‘\", expected a column, a comparison, a text in single quotes, a number or a parenthesis");
  CHECK(mistake("prompt_tokens >= -nan").find("a number") != std::string::npos);
  CHECK(mistake("prompt_tokens = 9223372036854775808").find("a number") != std::string::npos);
}

TEST_CASE("a filter is bounded, so that none is too deep to be asked", "[corpus][where]") {
  std::string chain = "refused";
  while (chain.size() < 16'000) chain += " or refused";
  CHECK_FALSE(admits(chain));
  CHECK(mistake(chain + std::string(1000, ' ')) ==
        "found " + std::to_string(chain.size() + 1000) + " bytes, expected at most 16384");
  CHECK_FALSE(admits("teacher_id like '" + std::string(16'000, '_') + "'"));
  CHECK(mistake("teacher_id like '\xff'").find("UTF-8") != std::string::npos);
}

TEST_CASE("a line that is no record is told apart from one that is not admitted", "[corpus][where]") {
  const auto where = Where::parse("refused and prompt_tokens > 3");
  REQUIRE(where.ok());
  Row row(where->columns());
  CHECK_FALSE(row.read("").ok());
  CHECK_FALSE(row.read("nonsense").ok());
  CHECK_FALSE(row.read("{}").ok());
  CHECK_FALSE(row.read(R"({"refused":"no","prompt_tokens":3})").ok());
  CHECK(row.read(PairFixture().line()).ok());
}
