#include <catch2/catch.hpp>

#include "service/dialect/registry/registry.h"
#include "tests/dialect/golden_case.h"

using namespace harvest;
using testing::GoldenCase;
using testing::kGoldenUtcUs;

TEST_CASE("every golden query encodes to its request byte for byte", "[dialect][golden]") {
  int count = 0;
  for (const GoldenCase& golden : testing::golden_cases()) {
    if (!testing::is_request(golden)) continue;
    ++count;
    INFO(golden.file << ": " << golden.name);
    const boost::json::object request = testing::encoded(golden);
    CHECK(request.at("body").as_string() == golden.content.at("request").at("body").as_string());
    CHECK(request == golden.content.at("request").as_object());
    boost::json::error_code error;
    boost::json::parse(request.at("body").as_string(), error);
    CHECK_FALSE(error);
  }
  CHECK(count >= 20);
}

TEST_CASE("every golden response decodes to its outcome", "[dialect][golden]") {
  int count = 0;
  for (const GoldenCase& golden : testing::golden_cases()) {
    if (testing::is_request(golden)) continue;
    ++count;
    INFO(golden.file << ": " << golden.name);
    const boost::json::object& expected = golden.content.at("outcome").as_object();
    const dialect::Dialect* dialect = dialect::find_dialect(golden.dialect);
    REQUIRE(dialect != nullptr);
    const dialect::Outcome outcome =
        dialect->decode(testing::teacher_of(golden), testing::exchange_of(golden), kGoldenUtcUs);
    CHECK(boost::json::serialize(testing::described(outcome, expected)) == boost::json::serialize(expected));
    CHECK(outcome.message.size() <= 500);
  }
  CHECK(count >= 40);
}

TEST_CASE("every golden answer reads from the store as it did when it arrived", "[dialect][golden]") {
  const boost::json::object fields{{"kind", 0}, {"choices", 0}, {"usage", 0}, {"model", 0}, {"fingerprint", 0}};
  int count = 0;
  for (const GoldenCase& golden : testing::golden_cases()) {
    if (testing::is_request(golden)) continue;
    INFO(golden.file << ": " << golden.name);
    const dialect::Dialect* dialect = dialect::find_dialect(golden.dialect);
    const dialect::HttpExchange exchange = testing::exchange_of(golden);
    const dialect::Outcome fresh = dialect->decode(exchange, kGoldenUtcUs);
    if (fresh.kind != v1::ANSWERED && fresh.kind != v1::REFUSED) continue;
    ++count;
    const auto stored = dialect->decode_stored(exchange.body);
    REQUIRE(stored.ok());
    CHECK(testing::described(*stored, fields) == testing::described(fresh, fields));
  }
  CHECK(count >= 15);
}
