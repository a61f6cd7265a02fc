// Streams of bedrock-converse. Their bodies are binary, so they are made here of events and payloads, and not kept as
// golden text.
#include <catch2/catch.hpp>
#include <random>

#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"
#include "tests/dialect/decode.h"
#include "tests/dialect/event_stream_bytes.h"

using namespace harvest;
using dialect::HaltCause;
using dialect::Outcome;
using dialect::Retry;
using testing::decode;
using testing::event;

namespace {

constexpr std::string_view kBedrock = "bedrock-converse";

std::string delta(int index, const std::string& json) {
  return event("contentBlockDelta", R"({"contentBlockIndex":)" + std::to_string(index) + R"(,"delta":)" + json + "}");
}

std::string begin_call(int index, const std::string& json) {
  return event("contentBlockStart",
               R"({"contentBlockIndex":)" + std::to_string(index) + R"(,"start":{"toolUse":)" + json + "}}");
}

std::string stop(const std::string& reason) {
  return event("messageStop", R"({"stopReason":")" + reason + "\"}");
}

const std::string kStreamStart = event("messageStart", R"({"role":"assistant","p":"abcd"})");
const std::string kStreamUsage =
    event("metadata", R"({"usage":{"inputTokens":9,"outputTokens":3,"totalTokens":12},"metrics":{"latencyMs":250}})");

/// A stream with everything in it, in the order of its parts.
std::string whole_stream() {
  return kStreamStart + delta(0, R"({"reasoningContent":{"text":"h"}})") +
         delta(0, R"({"reasoningContent":{"text":"m"}})") + delta(0, R"({"reasoningContent":{"signature":"s="}})") +
         event("contentBlockStop", R"({"contentBlockIndex":0})") + delta(1, R"({"text":"Hel"})") +
         delta(1, R"({"text":"lo."})") + event("contentBlockStop", R"({"contentBlockIndex":1})") +
         begin_call(2, R"({"toolUseId":"tooluse_1","name":"w"})") + delta(2, R"({"toolUse":{"input":""}})") +
         delta(2, R"({"toolUse":{"input":"{\"b\" :"}})") + delta(2, R"({"toolUse":{"input":" 1.0}"}})") +
         event("contentBlockStop", R"({"contentBlockIndex":2})") +
         begin_call(3, R"({"toolUseId":"tooluse_2","name":"n"})") + stop("tool_use") + kStreamUsage;
}

}  // namespace

TEST_CASE("thoughts, text and calls of a stream are put together", "[dialect][bedrock]") {
  const Outcome outcome = decode(kBedrock, whole_stream());
  REQUIRE(outcome.kind == v1::ANSWERED);
  REQUIRE(outcome.choices.size() == 1);
  const v1::Message& message = outcome.choices[0].message;
  CHECK(message.content() == "Hello.");
  CHECK(message.reasoning_content() == "hm");
  CHECK(message.tool_calls_json() ==
        R"([{"id":"tooluse_1","type":"function","function":{"name":"w","arguments":"{\"b\" : 1.0}"}},)"
        R"({"id":"tooluse_2","type":"function","function":{"name":"n","arguments":"{}"}}])");
  CHECK(outcome.choices[0].finish_reason == "tool_use");
  CHECK(outcome.usage.reported());
  CHECK(outcome.usage.input_tokens() == 9);
  CHECK(outcome.usage.output_tokens() == 3);
}

TEST_CASE("a streamed usage is the sum with the cache's", "[dialect][bedrock]") {
  const Outcome outcome = decode(
      kBedrock,
      kStreamStart + delta(0, R"({"text":"x"})") + stop("end_turn") +
          event(
              "metadata",
              R"({"usage":{"inputTokens":10,"outputTokens":3,"cacheReadInputTokens":200,"cacheWriteInputTokens":100,)"
              R"("cacheDetails":[{"ttl":"1h","inputTokens":60}]},"trace":{"promptRouter":{"invokedModelId":"m-1"}}})"));
  CHECK(outcome.usage.input_tokens() == 310);
  CHECK(outcome.usage.cached_input_tokens() == 200);
  CHECK(outcome.usage.cache_write_tokens() == 40);
  CHECK(outcome.usage.cache_write_long_tokens() == 60);
  CHECK(outcome.model_reported == "m-1");
}

TEST_CASE("how a streamed answer ended", "[dialect][bedrock]") {
  const auto ended = [](const std::string& reason) {
    return decode(kBedrock, kStreamStart + delta(0, R"({"text":"x"})") + stop(reason));
  };
  for (const char* reason : {"max_tokens", "model_context_window_exceeded"}) {
    const Outcome outcome = ended(reason);
    REQUIRE(outcome.kind == v1::ANSWERED);
    CHECK(outcome.choices[0].truncated);
  }
  for (const char* reason : {"guardrail_intervened", "content_filtered"}) {
    const Outcome outcome = ended(reason);
    REQUIRE(outcome.kind == v1::REFUSED);
    CHECK(outcome.choices[0].refused);
    CHECK(outcome.choices[0].message.content() == "x");
  }
  for (const char* reason : {"malformed_model_output", "malformed_tool_use"}) {
    const Outcome outcome = ended(reason);
    CHECK(outcome.kind == v1::FAULTED);
    CHECK(outcome.retry == Retry::kAmbiguous);
    CHECK(outcome.vendor_code == reason);
  }
}

TEST_CASE("exceptions within a stream are what their names say", "[dialect][bedrock]") {
  struct Row {
    std::string name, code;
    v1::Outcome kind;
    Retry retry;
  };
  const std::vector<Row> rows{
      {"throttlingException", "ThrottlingException", v1::THROTTLED, Retry::kSafe},
      {"validationException", "ValidationException", v1::REJECTED, Retry::kPermanent},
      {"internalServerException", "InternalServerException", v1::FAULTED, Retry::kAmbiguous},
      {"modelStreamErrorException", "ModelStreamErrorException", v1::FAULTED, Retry::kAmbiguous},
      {"serviceUnavailableException", "ServiceUnavailableException", v1::FAULTED, Retry::kAmbiguous},
      {"serviceQuotaExceededException", "ServiceQuotaExceededException", v1::THROTTLED, Retry::kSafe},
      {"accessDeniedException", "AccessDeniedException", v1::HALTED, Retry::kSafe},
      {"resourceNotFoundException", "ResourceNotFoundException", v1::HALTED, Retry::kSafe},
      {"modelTimeoutException", "ModelTimeoutException", v1::FAULTED, Retry::kAmbiguous},
      {"modelNotReadyException", "ModelNotReadyException", v1::FAULTED, Retry::kSafe},
      {"novelException", "NovelException", v1::FAULTED, Retry::kAmbiguous}};
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string exception = testing::exception(row.name, R"({"message":"words"})");
    const Outcome outcome = decode(kBedrock, exception),
                  begun = decode(kBedrock, kStreamStart + delta(0, R"({"text":"x"})") + exception);
    CHECK(outcome.kind == row.kind);
    CHECK(outcome.retry == row.retry);
    CHECK(outcome.may_be_billed() == (row.retry == Retry::kAmbiguous));
    CHECK(outcome.vendor_code == row.code);
    CHECK(outcome.message == "words");
    CHECK(begun.kind == row.kind);
    CHECK(begun.may_be_billed());
    CHECK((begun.retry == Retry::kPermanent) == (row.retry == Retry::kPermanent));
  }
}

TEST_CASE("errors and exceptions without a form", "[dialect][bedrock]") {
  const Outcome error = decode(kBedrock, kStreamStart + testing::error("InternalFailure", "odd"));
  CHECK(error.kind == v1::FAULTED);
  CHECK(error.vendor_code == "InternalFailure");
  CHECK(error.message == "odd");
  const Outcome text = decode(kBedrock, testing::exception("throttlingException", "not JSON"));
  CHECK(text.kind == v1::THROTTLED);
  CHECK(text.message == "not JSON");
  CHECK(decode(kBedrock, testing::exception("", "")).kind == v1::FAULTED);
}

TEST_CASE("what breaks behind the answer's end costs at most the usage", "[dialect][bedrock]") {
  const std::string answered = kStreamStart + delta(0, R"({"text":"Hello you"})") + stop("end_turn");
  std::string damaged = kStreamUsage;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  for (const std::string& rest : {std::string(), kStreamUsage.substr(0, 20), damaged, std::string("junk of thirteen"),
                                  testing::exception("internalServerException", "{}")}) {
    const Outcome outcome = decode(kBedrock, answered + rest);
    REQUIRE(outcome.kind == v1::ANSWERED);
    CHECK(outcome.choices[0].message.content() == "Hello you");
    CHECK_FALSE(outcome.usage.reported());
    CHECK(outcome.usage.output_tokens() == 3);
  }
  CHECK(decode(kBedrock, answered, dialect::WireError::kReset).kind == v1::ANSWERED);
  CHECK(decode(kBedrock, kStreamStart, dialect::WireError::kTimeout).vendor_code == "timeout");
}

TEST_CASE("Bedrock's first token ends with the first event that holds one", "[dialect][bedrock]") {
  const std::string empty = kStreamStart + delta(0, R"({"text":""})") + event("novelty", "{}");
  for (const std::string& first : {delta(0, R"({"text":"x"})"), delta(0, R"({"reasoningContent":{"text":"x"}})"),
                                   begin_call(0, R"({"toolUseId":"1","name":"w"})")})
    CHECK(decode(kBedrock, empty + first + delta(1, R"({"text":"y"})") + stop("end_turn") + kStreamUsage)
              .first_token_end == empty.size() + first.size());
}

TEST_CASE("events of tomorrow are passed over, a broken part of the answer is a fault", "[dialect][bedrock]") {
  CHECK(decode(kBedrock, kStreamStart + event("novelty", "\xFF\x01") + event("", "") +
                             delta(0, R"({"text":"x","more":1})") + delta(0, R"({"citation":{}})") +
                             delta(1, R"({"image":{"source":{}}})") + stop("end_turn"))
            .choices.at(0)
            .message.content() == "x");
  CHECK(decode(kBedrock, kStreamStart + event("contentBlockDelta", "{\"delta\":") + stop("end_turn")).vendor_code ==
        "not_json");
  CHECK(decode(kBedrock, kStreamStart + event("contentBlockDelta", "") + stop("end_turn")).kind == v1::FAULTED);
  CHECK(decode(kBedrock, stop("end_turn")).vendor_code == "no_message");
  CHECK(decode(kBedrock, event("novelty", "{}")).vendor_code == "stream_cut");
}

TEST_CASE("a tool that runs on AWS's side is no call for us", "[dialect][bedrock]") {
  const Outcome outcome =
      decode(kBedrock, kStreamStart + begin_call(0, R"({"toolUseId":"1","name":"g","type":"server_tool_use"})") +
                           delta(0, R"({"toolUse":{"input":"{}"}})") + delta(1, R"({"text":"x"})") + stop("end_turn"));
  REQUIRE(outcome.kind == v1::ANSWERED);
  CHECK(outcome.choices[0].message.tool_calls_json().empty());
}

TEST_CASE("a stream of Bedrock's cut at any byte before its end is a fault", "[dialect][bedrock][hostile]") {
  const std::string body = whole_stream();
  const size_t end = body.size() - kStreamUsage.size();
  for (size_t size = 0; size <= body.size(); ++size) {
    INFO(size);
    const std::string part = body.substr(0, size);
    const Outcome outcome = decode(kBedrock, part);
    CHECK(outcome.kind == (size >= end ? v1::ANSWERED : v1::FAULTED));
    if (size < end) CHECK(outcome.retry == Retry::kAmbiguous);
    CHECK(dialect::find_dialect(kBedrock)->decode_stored(part).ok() == (size >= end));
  }
}

TEST_CASE("a flipped bit before a stream's end is noticed", "[dialect][bedrock][hostile]") {
  const std::string body = whole_stream();
  const size_t end = body.size() - kStreamUsage.size();
  for (size_t bit = 0; bit < body.size() * 8; ++bit) {
    std::string changed = body;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    const Outcome outcome = decode(kBedrock, changed);
    if (outcome.kind != (bit / 8 >= end ? v1::ANSWERED : v1::FAULTED)) FAIL_CHECK("bit " << bit);
    if (outcome.kind == v1::ANSWERED && outcome.choices[0].message.content() != "Hello.") FAIL_CHECK("bit " << bit);
  }
  std::string changed = kStreamStart + delta(0, R"({"text":"x"})") + stop("end_turn");
  changed[kStreamStart.size() + 40] = static_cast<char>(changed[kStreamStart.size() + 40] ^ 4);
  CHECK(decode(kBedrock, changed).vendor_code == "stream_damaged");
}

TEST_CASE("what is stored of a stream of Bedrock's reads as it did on arrival", "[dialect][bedrock][hostile]") {
  std::mt19937 random(7);
  const std::string body = whole_stream();
  for (int i = 0; i < 3000; ++i) {
    std::string changed = body;
    for (int changes = 0; changes < 2; ++changes) {
      const size_t at = random() % changed.size();
      if (i % 2 == 0) changed[at] = static_cast<char>(random());
      if (i % 2 == 1) changed.erase(at, random() % 8);
    }
    const Outcome outcome = decode(kBedrock, changed);
    const auto stored = dialect::find_dialect(kBedrock)->decode_stored(changed);
    CHECK(stored.ok() == (outcome.kind == v1::ANSWERED || outcome.kind == v1::REFUSED));
    if (!stored.ok()) continue;
    REQUIRE(stored->choices.size() == outcome.choices.size());
    CHECK(stored->choices[0].message.SerializeAsString() == outcome.choices[0].message.SerializeAsString());
  }
}

TEST_CASE("every field of Bedrock's events may be of any type", "[dialect][bedrock][hostile]") {
  for (const std::string value : {"null", "true", "1", "-1", "1.5", "1e999", "\"x\"", "[]", "{}", "[{}]", "[null]",
                                  "{\"text\":[]}", "\"\\ud800\"", "99999999999999999999"}) {
    for (const char* name : {"messageStart", "contentBlockStart", "contentBlockDelta", "messageStop", "metadata"}) {
      decode(kBedrock, event(name, value));
      for (const char* key : {"contentBlockIndex", "start", "delta", "stopReason", "usage", "trace"})
        decode(kBedrock, kStreamStart + event(name, "{\"" + std::string(key) + "\":" + value + "}") + stop("end_turn"));
    }
    for (const char* key : {"text", "toolUse", "reasoningContent"}) {
      decode(kBedrock, kStreamStart + delta(0, "{\"" + std::string(key) + "\":" + value + "}") + stop("end_turn"));
      decode(kBedrock, kStreamStart + begin_call(0, value) + stop("end_turn"));
      decode(kBedrock, R"({"output":{"message":{"content":[{")" + std::string(key) + "\":" + value + "}," + value +
                           R"(]}},"stopReason":)" + value + R"(,"usage":)" + value + R"(,"trace":)" + value + "}");
    }
    decode(kBedrock, R"({"output":{"message":)" + value + "}}");
    decode(kBedrock, R"({"output":)" + value + R"(,"__type":)" + value + R"(,"message":)" + value + "}");
  }
}
