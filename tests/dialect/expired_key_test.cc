#include "service/dialect/expired_key.h"

#include <catch2/catch.hpp>

#include "service/dialect/registry/registry.h"

using harvest::dialect::find_dialect;
using harvest::dialect::HttpExchange;
using harvest::dialect::is_expired_key;

namespace {

bool expired(const char* dialect, int status, const std::string& body) {
  HttpExchange exchange{.status = status, .body = body};
  exchange.body.reserve(body.size() + 64);
  return is_expired_key(find_dialect(dialect)->decode(exchange, 0));
}

}  // namespace

TEST_CASE("a key whose time is over is told from access that was taken away", "[dialect]") {
  CHECK(expired("bedrock-converse", 403, R"({"__type":"com.amazon#ExpiredTokenException","message":"words"})"));
  CHECK(expired("bedrock-converse", 403, R"({"Message":"Bearer Token has expired"})"));
  CHECK(expired("gemini", 401,
                R"({"error":{"code":401,"message":"words","status":"UNAUTHENTICATED","details":[)"
                R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"ACCESS_TOKEN_EXPIRED"}]}})"));
  CHECK(expired("azure-openai", 401,
                R"({"statusCode":401,"message":"Unauthorized. Access token is missing, invalid, or has expired."})"));

  CHECK_FALSE(expired("bedrock-converse", 403, R"({"__type":"AccessDeniedException","message":"not yours"})"));
  CHECK_FALSE(expired("openai-chat", 401, R"({"error":{"message":"key revoked","code":"invalid_api_key"}})"));
  CHECK_FALSE(expired("openai-chat", 400, R"({"error":{"message":"the token has expired","type":"t"}})"));
  CHECK_FALSE(expired("openai-chat", 200, R"({"choices":[]})"));
}
