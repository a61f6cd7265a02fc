#include "storage/proof/statement.h"

#include <catch2/catch.hpp>

#include "tests/proof/vectors.h"

using namespace harvest::proof;

namespace {

constexpr char kVectorStatement[] =
    R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"shard-00000.jsonl.gz","digest":{"sha256":"2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea"}}],"predicateType":"https://harvest.example/shard/v1","predicate":{}})";

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("the statement is that of the published vector", "[proof]") {
  const Statement statement{{{"shard-00000.jsonl.gz", sha256("demo")}}, "https://harvest.example/shard/v1", "{}"};
  CHECK(statement_json(statement) == kVectorStatement);
  CHECK(std::string(kVectorStatement).size() == 240);
  CHECK(parse_statement(kVectorStatement).value() == statement);
}

TEST_CASE("statements read back with hostile names", "[proof]") {
  const Statement statement{{{"a\"b\\c\n\u2028\x7f/", sha256("1")}, {"", sha256("2")}},
                            "https://harvest.example/manifest/v1",
                            R"({"rows":9007199254740993,"text":"\u0001\"","views":["a","b"]})"};
  CHECK(parse_statement(statement_json(statement)).value() == statement);
}

TEST_CASE("malformed statements are refused by place", "[proof]") {
  const auto message = [](const std::string& json) {
    const auto read = parse_statement(json);
    CHECK(read.status().code() == absl::StatusCode::kInvalidArgument);
    return std::string(read.status().message());
  };
  CHECK(message("[]") == "statement: expected an object at the top");
  CHECK(message("{").find("expected JSON") != std::string::npos);
  CHECK(message(replaced(kVectorStatement, "Statement/v1", "Statement/v2")).find("statement._type") == 0);
  CHECK(message(replaced(kVectorStatement, "\"subject\"", "\"subjects\"")) == "statement: expected the member subject");
  CHECK(message(replaced(kVectorStatement, "2a97", "2A97")).find("statement.subject[0].digest.sha256") == 0);
  CHECK(message(replaced(kVectorStatement, "2a97", "2x97")).find("statement.subject[0].digest.sha256") == 0);
  CHECK(message(replaced(kVectorStatement, "2a97", "2a9")).find("statement.subject[0].digest.sha256") == 0);
  CHECK(message(replaced(kVectorStatement, "\"predicate\":{}", "\"predicate\":{},\"predicate\":{}")) ==
        "statement.predicate: expected it once, found it 2 times");
  CHECK(message(replaced(kVectorStatement, "{}", "1")) == "statement.predicate: expected an object");
  CHECK(message(R"({"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x","predicate":{}})") ==
        "statement.subject: expected one at least");
  CHECK(
      message(replaced(kVectorStatement, "{}", std::string(200, '[') + std::string(200, ']'))).find("expected JSON") !=
      std::string::npos);
}
