#include "client/cpp/usage_export.h"

#include <catch2/catch.hpp>

#include "client/cpp/decimal_amount.h"
#include "proto/text/time.h"
#include "tests/client/prompt_files.h"

using namespace harvest::client;
using harvest::text::parse_day;

namespace {

std::string message_of(std::string_view bytes) {
  return std::string(parse_usage_export(bytes, "x").status().message());
}

}  // namespace

TEST_CASE("a vendor's decimals become picodollars", "[client][audit]") {
  CHECK(*decimal_amount("12.34") == 12'340'000'000'000);
  CHECK(*decimal_amount("-0.25") == -250'000'000'000);
  CHECK(*decimal_amount("1.5e-07") == 150'000);
  CHECK(*decimal_amount("2E+2") == 200'000'000'000'000);
  CHECK(*decimal_amount("0E-6176") == 0);
  CHECK(*decimal_amount("123.78912", -2) == 1'237'891'200'000);
  CHECK(*decimal_amount("0.0000000000004") == 0);
  CHECK(*decimal_amount("0.0000000000005") == 1);
  CHECK(*decimal_amount("-1.0000000000015") == -1'000'000'000'002);
  CHECK(*decimal_amount("999999.999999999999") == 999'999'999'999'999'999);
  for (const char* wrong : {"", "-", ".", "1,5", "$1", "1e", "1e9999999999", "ten", "1000000", "1e30", "--1", " 1"}) {
    INFO(wrong);
    CHECK_FALSE(decimal_amount(wrong).ok());
  }
}

TEST_CASE("OpenAI's costs are read by day and line item", "[client][audit]") {
  const auto usage = parse_usage_export(R"({"object":"page","has_more":true,"next_page":"p","data":[
    {"object":"bucket","start_time":1795564800,"end_time":1795651200,"results":[
      {"object":"organization.costs.result","amount":{"value":0.06,"currency":"usd"},"line_item":null,"project_id":"p"},
      {"object":"organization.costs.result","amount":{"value":"1.5e-07","currency":"usd"},
       "line_item":"gpt-4o-mini-2024-07-18, input"}]},
    {"object":"bucket","start_time":1795651200,"end_time":1795737600,"results":[]}]})",
                                        "x");
  REQUIRE(usage.ok());
  CHECK(usage->vendor == "openai");
  CHECK(usage->more);
  REQUIRE(usage->lines.size() == 2);
  CHECK(usage->lines[0].day == *parse_day("2026-11-25"));
  CHECK(usage->lines[0].model.empty());
  CHECK(usage->lines[0].cost_picodollars == 60'000'000'000);
  CHECK(usage->lines[1].model == "gpt-4o-mini-2024-07-18");
  CHECK(usage->lines[1].cost_picodollars == 150'000);
  CHECK(usage->last_day == *parse_day("2026-11-26"));  // covered, though nothing was billed
}

TEST_CASE("OpenAI's usage is read in tokens", "[client][audit]") {
  const auto usage = parse_usage_export(R"({"data":[{"start_time":1795564800,"results":[{"input_tokens":1000,
    "output_tokens":500,"input_cached_tokens":800,"num_model_requests":5,"model":"gpt-4o"}]}]})",
                                        "x");
  REQUIRE(usage.ok());
  REQUIRE(usage->lines.size() == 1);
  CHECK(usage->lines[0].model == "gpt-4o");
  CHECK(usage->lines[0].input_tokens == 1000);
  CHECK(usage->lines[0].output_tokens == 500);
  CHECK_FALSE(usage->lines[0].cost_picodollars);
}

TEST_CASE("Anthropic's costs are cents and its input tokens are told in parts", "[client][audit]") {
  auto usage = parse_usage_export(R"({"data":[{"starting_at":"2026-11-25T00:00:00Z","ending_at":"2026-11-26T00:00:00Z",
    "results":[{"currency":"USD","amount":"123.78912","model":"claude-x-20260514","token_type":"output_tokens"},
               {"currency":"USD","amount":"10","model":null,"cost_type":"web_search"}]}],"has_more":false})",
                                  "x");
  REQUIRE(usage.ok());
  CHECK(usage->vendor == "anthropic");
  REQUIRE(usage->lines.size() == 2);
  CHECK(usage->lines[0].cost_picodollars == 1'237'891'200'000);
  CHECK(usage->lines[0].model == "claude-x-20260514");
  CHECK(usage->lines[1].cost_picodollars == 100'000'000'000);

  auto tokens = parse_usage_export(R"({"data":[{"starting_at":"2026-11-24T00:00:00Z","results":[
    {"uncached_input_tokens":1500,"cache_creation":{"ephemeral_1h_input_tokens":1000,"ephemeral_5m_input_tokens":500},
     "cache_read_input_tokens":200,"output_tokens":50,"model":"claude-x"}]}]})",
                                   "y");
  REQUIRE(tokens.ok());
  CHECK(tokens->lines.at(0).input_tokens == 3200);
  CHECK(tokens->lines.at(0).output_tokens == 50);
  usage->add(*tokens);
  CHECK(usage->lines.size() == 3);
  CHECK(usage->first_day == *parse_day("2026-11-24"));
  usage->keep(*parse_day("2026-11-24"), *parse_day("2026-11-24"));
  CHECK(usage->lines.size() == 1);
}

TEST_CASE("CSV is read by its column names", "[client][audit]") {
  const auto usage = parse_usage_export(
      "\xEF\xBB\xBF\"Model\",DATE,Output_Tokens,USD,input_tokens\r\n"
      "\"gpt-4o, \"\"new\"\"\",2026-11-25,500,$12.5,1000\r\n\r\n"
      "gpt-4o,2026-11-26T10:00:00Z,5,0.000001,10",
      "x");
  INFO(usage.status());
  REQUIRE(usage.ok());
  REQUIRE(usage->lines.size() == 2);
  CHECK(usage->lines[0].model == "gpt-4o, \"new\"");
  CHECK(usage->lines[0].cost_picodollars == 12'500'000'000'000);
  CHECK(usage->lines[0].input_tokens == 1000);
  CHECK(usage->lines[1].day == *parse_day("2026-11-26"));
  CHECK(usage->lines[1].output_tokens == 5);
  CHECK(parse_usage_export("day,cost\n2026-11-25,1\n", "x")->lines.size() == 1);
}

TEST_CASE("what is no export says where, what was found and what was expected", "[client][audit]") {
  CHECK(message_of("day,price\n") ==
        "x: row 1: found the columns 'day', 'price', expected day (or date), model, cost (or usd, cost_usd), "
        "input_tokens, output_tokens, each at most once; day and one of cost or tokens at least");
  CHECK_THAT(message_of("day,model\n"), Catch::Contains("day and one of cost or tokens"));
  CHECK_THAT(message_of("day,cost,usd\n"), Catch::Contains("each at most once"));
  CHECK(message_of("day,cost\n2026-11-25,1\nsoon,1\n") ==
        "x: row 3: day: found 'soon', expected a day like 2026-11-20");
  CHECK(message_of("day,cost\n2026-11-25,much\n") == "x: row 2: cost: found 'much', expected an amount like 12.34");
  CHECK(message_of("day,cost\n2026-11-25\n") == "x: row 2: found 1 fields, expected 2 as in the first row");
  CHECK_THAT(message_of("day,cost\n\"2026-11-25,1\n"), Catch::Contains("is no CSV"));
  CHECK_THAT(message_of(""), Catch::Contains("found nothing"));
  CHECK_THAT(message_of("{"), Catch::Contains("x: is no JSON"));
  CHECK_THAT(message_of("{\"rows\":[]}"), Catch::Contains("{\"data\": [...]}"));
  CHECK_THAT(message_of("[]"), Catch::Contains("found a list"));
  CHECK_THAT(message_of(R"({"data":[{"results":[]}]})"), Catch::Contains("data[0]: found no start_time"));
  CHECK_THAT(message_of(R"({"data":[{"start_time":1795564800}]})"), Catch::Contains("results: found none"));
  CHECK_THAT(message_of(R"({"data":[{"start_time":1795564800,"results":[{"model":"m"}]}]})"),
             Catch::Contains("data[0]: results[0]: found neither amount"));
  CHECK_THAT(message_of(R"({"data":[{"start_time":1795564800,"results":[{"amount":{"value":1,"currency":"eur"}}]}]})"),
             Catch::Contains("currency: found eur, expected usd"));
  CHECK_THAT(message_of(R"({"data":[{"start_time":1795564800,"results":[{"amount":"5"}]}]})"),
             Catch::Contains("expected {value, currency}"));
  CHECK_FALSE(read_usage_export("/absent").ok());
}

TEST_CASE("an export may be compressed", "[client][audit]") {
  const TempDir dir;
  const auto usage = read_usage_export(dir.file("usage.csv.gz", gzipped("day,cost\n2026-11-25,1\n")));
  REQUIRE(usage.ok());
  CHECK(usage->lines.size() == 1);
}
