#include "service/dialect/soft_labels.h"

#include <catch2/catch.hpp>
#include <string>

#include "service/dialect/json_body.h"
#include "service/dialect/openai/block_logprobs.h"

using namespace harvest;

namespace {

v1::SoftLabels block(const std::string& json) {
  const dialect::JsonBody body(json);
  REQUIRE(body.is_object());
  v1::SoftLabels labels;
  dialect::read_block_logprobs(body.object(), labels);
  return labels;
}

std::string joined(std::initializer_list<std::string_view> pieces) {
  dialect::BlockLogprobs logprobs;
  for (const std::string_view piece : pieces) logprobs.append(piece);
  return logprobs.json();
}

}  // namespace

TEST_CASE("tokens of the older block that are no whole text are bytes", "[dialect]") {
  const v1::SoftLabels labels = block(
      R"({"tokens":["bytes: \\xf0\\x9f","bytes:\\xA6\\x9c","bytes:","bytes:\\xzz"],"token_logprobs":[-1,-2,-3,-4],)"
      R"("top_logprobs":[{"bytes:\\xff":-1}]})");
  REQUIRE(labels.tokens_size() == 4);
  CHECK(labels.tokens(0) == " \xF0\x9F");
  CHECK(labels.tokens(1) == "\xA6\x9C");
  CHECK(labels.tokens(2) == "bytes:");
  CHECK(labels.tokens(3) == "\\xzz");
  REQUIRE(labels.alternative_tokens_size() == 1);
  CHECK(labels.alternative_tokens(0) == "\xFF");
}

TEST_CASE("positions of the older block that have no logprob are left out with their alternatives", "[dialect]") {
  const v1::SoftLabels labels = block(
      R"({"tokens":["a","b",7,"c"],"token_logprobs":[null,-1,-2,-3],"top_logprobs":[{"x":-9},{"b":-1},{"y":-9},null]})");
  REQUIRE(labels.tokens_size() == 2);
  CHECK(labels.tokens(0) == "b");
  CHECK(labels.tokens(1) == "c");
  CHECK(labels.alternatives(0) == 1);
  CHECK(labels.alternatives(1) == 0);
}

TEST_CASE("the older block may hold anything", "[dialect]") {
  for (const char* value : {"null", "7", "\"x\"", "{}", "[]", "[[]]", "[{}]", "[null]"}) {
    const std::string json =
        std::string(R"({"tokens":)") + value + R"(,"token_logprobs":)" + value + R"(,"top_logprobs":)" + value + "}";
    CHECK(block(json).tokens_size() == 0);
    CHECK(block(std::string(R"({"tokens":["a"],"token_logprobs":[-1],"top_logprobs":)") + value + "}").tokens_size() ==
          1);
  }
}

TEST_CASE("pieces of the older block are joined list by list", "[dialect]") {
  CHECK(joined({}).empty());
  CHECK(joined({"{}", R"({"tokens":[]})", "7"}).empty());
  CHECK(joined({R"({"tokens":["a"],"token_logprobs":[-1.0]})", R"({"tokens":[],"token_logprobs":[]})",
                R"({"token_logprobs":[ -2.50 ],"tokens":["b"]})"}) ==
        R"({"tokens":["a","b"],"token_logprobs":[-1.0,-2.50]})");
}
