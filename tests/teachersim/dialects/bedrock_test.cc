// Bedrock's converse: blocks, binary messages with both checksums, signatures, exceptions.
#include "tests/teachersim/dialects/bedrock.h"

#include <boost/crc.hpp>
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <string>

using namespace teachersim;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

const AnswerShape kConverseShape{.bytes_min = 100, .bytes_max = 100, .cached_share = 0.5};
constexpr const char* kConversePath = "/model/a.model-v1%3A0/converse";
constexpr const char* kConverseStreamPath = "/model/a.model-v1%3A0/converse-stream";

std::string converse_body(const std::string& more = "") {
  return R"({"messages":[{"role":"user","content":[{"text":"Why is the sky blue?"}]}])" + more + "}";
}

Answer converse_answer(const char* path, const std::string& body, const Stamp& stamp = {.id = "i"}) {
  const Bedrock dialect(kConverseShape, {});
  auto outcome = dialect.read(Call{.method = "POST", .path = path, .body = body});
  if (const auto* trouble = std::get_if<Trouble>(&outcome)) FAIL(trouble->message);
  const Question& question = *std::get<std::unique_ptr<Question>>(outcome);
  CHECK(question.model == "a.model-v1:0");
  return dialect.answer(question, stamp);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = at; i < at + 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

std::uint32_t crc_of(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

struct Message {
  std::map<std::string, std::string> headers;
  json::value payload;
};

Message read_message(std::string_view bytes) {
  REQUIRE(bytes.size() >= 16);
  CHECK(number_at(bytes, 0) == bytes.size());
  CHECK(number_at(bytes, 8) == crc_of(bytes.substr(0, 8)));
  CHECK(number_at(bytes, bytes.size() - 4) == crc_of(bytes.substr(0, bytes.size() - 4)));
  const std::size_t headers_end = 12 + number_at(bytes, 4);
  Message message;
  for (std::size_t at = 12; at < headers_end;) {
    const auto name_size = static_cast<unsigned char>(bytes[at]);
    const std::string name(bytes.substr(at + 1, name_size));
    at += 1 + name_size;
    CHECK(bytes[at] == 7);
    const std::size_t size =
        static_cast<unsigned char>(bytes[at + 1]) * 256U + static_cast<unsigned char>(bytes[at + 2]);
    message.headers[name] = bytes.substr(at + 3, size);
    at += 3 + size;
  }
  message.payload = json::parse(bytes.substr(headers_end, bytes.size() - 4 - headers_end));
  return message;
}

}  // namespace

TEST_CASE("a converse answer has blocks and its usage leaves out what was cached", "[bedrock]") {
  const Answer answer = converse_answer(kConversePath, converse_body(R"(,"inferenceConfig":{"maxTokens":500})"));
  const json::value body = json::parse(answer.body);
  CHECK(body.at_pointer("/output/message/content/0/text") == json::value(answer.contents[0]));
  CHECK(body.at("stopReason") == "end_turn");
  CHECK(body.at_pointer("/usage/outputTokens") == 25);
  CHECK(body.at_pointer("/usage/inputTokens").as_int64() + body.at_pointer("/usage/cacheReadInputTokens").as_int64() ==
        answer.usage.input_tokens);
  CHECK(
      json::parse(converse_answer(kConversePath, converse_body(), {.id = "i", .refuse = true}).body).at("stopReason") ==
      "content_filtered");
  CHECK(
      json::parse(converse_answer(kConversePath, converse_body(R"(,"inferenceConfig":null)")).body).at("stopReason") ==
      "end_turn");
  CHECK(json::parse(converse_answer(kConversePath, converse_body(R"(,"inferenceConfig":{"maxTokens":5})")).body)
            .at("stopReason") == "max_tokens");
}

TEST_CASE("a converse stream says the same in binary messages", "[bedrock]") {
  const std::string thinking =
      R"(,"inferenceConfig":{"maxTokens":2000},"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":1024}})";
  const json::value whole = json::parse(converse_answer(kConversePath, converse_body(thinking)).body);
  const Answer answer = converse_answer(kConverseStreamPath, converse_body(thinking));
  CHECK(answer.content_type == "application/vnd.amazon.eventstream");
  std::string text;
  std::string thought;
  for (const std::string& event : answer.events) {
    const Message message = read_message(event);
    CHECK(message.headers.at(":message-type") == "event");
    if (message.headers.at(":event-type") == "metadata") CHECK(message.payload.at("usage") == whole.at("usage"));
    if (message.headers.at(":event-type") != "contentBlockDelta") continue;
    const json::object& delta = message.payload.at("delta").as_object();
    if (delta.contains("text")) text += std::string_view(delta.at("text").as_string());
    if (const json::value* reasoning = delta.if_contains("reasoningContent"); reasoning != nullptr)
      if (const json::value* piece = reasoning->as_object().if_contains("text"))
        thought += std::string_view(piece->as_string());
  }
  CHECK(json::value(text) == whole.at_pointer("/output/message/content/1/text"));
  CHECK(json::value(thought) == whole.at_pointer("/output/message/content/0/reasoningContent/reasoningText/text"));
}

TEST_CASE("a schema is a text and a tool is called with an object", "[bedrock]") {
  const json::value filled = json::parse(
      converse_answer(
          kConversePath,
          converse_body(R"(,"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":)"
                        R"({"schema":"{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}"}}}})"))
          .body);
  CHECK(json::parse(filled.at_pointer("/output/message/content/0/text").as_string()).at("a").is_int64());
  const json::value called = json::parse(
      converse_answer(kConversePath,
                      converse_body(R"(,"toolConfig":{"tools":[{"toolSpec":{"name":"t","inputSchema":{"json":{}}}}],)"
                                    R"("toolChoice":{"any":{}}})"))
          .body);
  CHECK(called.at_pointer("/output/message/content/0/toolUse/name") == "t");
  CHECK(called.at("stopReason") == "tool_use");
  std::string input;
  for (const std::string& event :
       converse_answer(kConverseStreamPath,
                       converse_body(R"(,"toolConfig":{"tools":[{"toolSpec":{"name":"t","inputSchema":{"json":)"
                                     R"({"properties":{"text":{"type":"string"}}}}}}],"toolChoice":{"any":{}}})"))
           .events) {
    const Message message = read_message(event);
    if (message.headers.at(":event-type") == "contentBlockDelta")
      input += std::string_view(message.payload.at_pointer("/delta/toolUse/input").as_string());
  }
  CHECK(json::parse(input).at("text").is_string());
}

TEST_CASE("exceptions are named in a header and in a stream", "[bedrock]") {
  const Bedrock dialect(kConverseShape, {});
  auto headers = [&](Trouble trouble) { return dialect.reply(trouble).headers; };
  CHECK(headers({Trouble::Kind::kThrottled, 429, "", "", {}}) == "x-amzn-errortype: ThrottlingException\r\n");
  CHECK(headers({Trouble::Kind::kServerError, 424, "", "", {}}) == "x-amzn-errortype: ModelErrorException\r\n");
  const Trouble broke{Trouble::Kind::kOutOfCredit, 429, "", "", {}};
  CHECK(headers(broke) == "x-amzn-errortype: ServiceQuotaExceededException\r\n");
  CHECK(dialect.reply(broke).status == 400);
  auto outcome = dialect.read(Call{.path = kConversePath, .body = R"({"messages":[]})"});
  CHECK(headers(std::get<Trouble>(outcome)) == "x-amzn-errortype: ValidationException\r\n");
  const Message message = read_message(dialect.error_event({Trouble::Kind::kServerError, 502, "x", "", {}}));
  CHECK(message.headers.at(":message-type") == "exception");
  CHECK(message.headers.at(":exception-type") == "modelStreamErrorException");
}

TEST_CASE("a signature is checked as its makers published it", "[bedrock]") {
  const std::string headers =
      "Host:example.amazonaws.com\r\nX-Amz-Date:20150830T123600Z\r\n"
      "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
      "SignedHeaders=host;x-amz-date, "
      "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31\r\n";
  Call call{.method = "GET", .path = "/", .headers = headers};
  const std::vector<AwsKey> keys = {{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}};
  CHECK(is_signed(call));
  CHECK(signature_holds(call, keys));
  CHECK_FALSE(signature_holds(call, {{"AKIDEXAMPLE", "another"}}));
  CHECK_FALSE(signature_holds(call, {{"ANOTHER", keys[0].secret}}));
  call.body = "x";
  CHECK_FALSE(signature_holds(call, keys));
  CHECK(Bedrock(kConverseShape, keys).identify(call).refused);
  call.body = "";
  CHECK(Bedrock(kConverseShape, keys).identify(call).proven);
  CHECK_FALSE(Bedrock(kConverseShape, {}).identify(Call{}).refused);
}
