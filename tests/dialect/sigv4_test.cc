#include "service/dialect/bedrock/sigv4.h"

#include <catch2/catch.hpp>

using namespace harvest;
using dialect::AwsKey;
using dialect::AwsScope;

namespace {

constexpr int64_t kSuiteUtcUs = 1440938160'000000;  // 2015-08-30 12:36:00 UTC

/// The key of AWS's published examples.
AwsKey key(const std::string& session_token = "") {
  return {.id = "AKIDEXAMPLE", .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", .session_token = session_token};
}

constexpr AwsScope kSuite{.region = "us-east-1", .service = "service"};
constexpr std::string_view kSuiteHost = "example.amazonaws.com";

std::string authorization(const std::string& scope, const std::string& names, const std::string& signature) {
  return "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/" + scope + "/aws4_request, SignedHeaders=" + names +
         ", Signature=" + signature;
}

}  // namespace

TEST_CASE("AWS's test suite of signatures: get-vanilla, post-vanilla", "[dialect][sigv4]") {
  const dialect::Headers got = sigv4_headers(key(), kSuite, "GET", kSuiteHost, "/", "", kSuiteUtcUs);
  CHECK(got == dialect::Headers{{"X-Amz-Date", "20150830T123600Z"},
                                {"Authorization",
                                 authorization("us-east-1/service", "host;x-amz-date",
                                               "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")}});
  CHECK(sigv4_headers(key(), kSuite, "POST", kSuiteHost, "/", "", kSuiteUtcUs).back().second ==
        authorization("us-east-1/service", "host;x-amz-date",
                      "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"));
}

TEST_CASE("AWS's test suite of signatures: get-vanilla-query-order-key-case", "[dialect][sigv4]") {
  CHECK(
      sigv4_headers(key(), kSuite, "GET", kSuiteHost, "/?Param2=value2&Param1=value1", "", kSuiteUtcUs).back().second ==
      authorization("us-east-1/service", "host;x-amz-date",
                    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"));
}

TEST_CASE("AWS's test suite of signatures: post-sts-header-before", "[dialect][sigv4]") {
  const std::string token =
      "AQoDYXdzEPT//////////"
      "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwth"
      "Ax7mSEI/qkPpKPi/"
      "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAk"
      "iY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
  const dialect::Headers got = sigv4_headers(key(token), kSuite, "POST", kSuiteHost, "/", "", kSuiteUtcUs);
  REQUIRE(got.size() == 3);
  CHECK(got[1] == std::pair<std::string, std::string>("X-Amz-Security-Token", token));
  CHECK(got[2].second == authorization("us-east-1/service", "host;x-amz-date;x-amz-security-token",
                                       "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"));
}

// The suite has no path that is encoded already. These signatures were made by botocore 1.44.8 for the same requests.
TEST_CASE("a path is signed encoded once more, a body by its hash", "[dialect][sigv4]") {
  CHECK(sigv4_headers(key(), {.region = "eu-west-1", .service = "bedrock"}, "POST",
                      "bedrock-runtime.eu-west-1.amazonaws.com", "/model/anthropic.claude-3%3A0/converse",
                      R"({"messages":[]})", kSuiteUtcUs)
            .back()
            .second == authorization("eu-west-1/bedrock", "host;x-amz-date",
                                     "e50b2b391f1654f40c384a25aec030c98d11199791a591a4146e3d5eeb67f230"));
  CHECK(sigv4_headers(key("TOKEN=="), {.region = "us-east-1", .service = "bedrock"}, "POST",
                      "bedrock-runtime.us-east-1.amazonaws.com",
                      "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse-stream", "{}",
                      kSuiteUtcUs)
            .back()
            .second == authorization("us-east-1/bedrock", "host;x-amz-date;x-amz-security-token",
                                     "e2fd176efb897bec565d57bef26d30873e8a02e403aca2b1e50a04e28ca2ba8f"));
}

TEST_CASE("a host is signed with its port, a query sorted", "[dialect][sigv4]") {
  CHECK(sigv4_headers(key(), {.region = "us-east-1", .service = "bedrock"}, "POST", "127.0.0.1:8000",
                      "/model/a~b/converse?b=2&a=1", "{}", kSuiteUtcUs)
            .back()
            .second == authorization("us-east-1/bedrock", "host;x-amz-date",
                                     "ddeaf180eec3ebe22851b3d40a28f45f2672279ad7f622f9dfe8ff93d9dcfb11"));
}

TEST_CASE("odd queries and paths are signed without a fall", "[dialect][sigv4]") {
  for (const char* target : {"", "/", "?", "/?", "/?a", "/?a=", "/?=&&=", "/?a=b=c&", "//..//"})
    CHECK(sigv4_headers(key(), kSuite, "GET", kSuiteHost, target, "", kSuiteUtcUs).size() == 2);
  const auto signature = [](std::string_view target) {
    return sigv4_headers(key(), kSuite, "GET", kSuiteHost, target, "", kSuiteUtcUs).back().second;
  };
  CHECK(signature("/?a") == signature("/?a="));
  CHECK(signature("/?a=2&a=1") == signature("/?a=1&a=2"));
  CHECK(signature("/?a=1") != signature("/?a=2"));
}
