// Streams of the OpenAI family: when the first token came, and what becomes of every cut and of changed bytes.
#include <catch2/catch.hpp>
#include <random>

#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"
#include "tests/dialect/decode.h"

using namespace harvest;
using testing::decode;

namespace {

struct Stream {
  std::string dialect;
  std::string before;  ///< the first token's event
  std::string first;   ///< that event
  std::string after;   ///< up to the event that makes it whole
  std::string end;
};

std::vector<Stream> streams() {
  const std::string chat_end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
  return {
      {"openai-chat",
       ": hi\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n",
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo.\"},\"logprobs\":{\"content\":[{\"token\":\"lo.\","
       "\"logprob\":-1}]}}]}\n\n",
       chat_end},
      {"openai-chat", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":null}}]}\n\n",
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"hm\"}}]}\n\n",
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n", chat_end},
      {"mistral", "", "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"id\":\"c\"}]}}]}\r\n\r\n",
       ": x\r\n\r\n", chat_end},
      {"openai-completions", "data: {\"choices\":[{\"index\":0,\"text\":\"\"}]}\n\n",
       "data: "
       "{\"choices\":[{\"index\":0,\"text\":\"Hel\",\"logprobs\":{\"tokens\":[\"Hel\"],\"token_logprobs\":[-1]}}]}\n\n",
       "", "data: {\"choices\":[{\"index\":0,\"text\":\"lo.\",\"finish_reason\":\"stop\"}]}\n\n"},
      {"openai-responses", "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{}}\n\n",
       "event: response.reasoning_summary_text.delta\ndata: {\"delta\":\"hm\"}\n\n",
       "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hel\"}\n\n",
       "event: response.completed\ndata: "
       "{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":["
       "{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hello.\",\"logprobs\":[{\"token\":"
       "\"Hello.\","
       "\"logprob\":-1}]}]}]}}\n\n"}};
}

}  // namespace

TEST_CASE("the first token ends with the first event that holds one", "[dialect][stream]") {
  for (const Stream& stream : streams()) {
    INFO(stream.dialect << ": " << stream.first);
    const dialect::Outcome outcome = decode(stream.dialect, stream.before + stream.first + stream.after + stream.end);
    REQUIRE(outcome.kind == v1::ANSWERED);
    CHECK(outcome.first_token_end == stream.before.size() + stream.first.size());
  }
}

TEST_CASE("a stream of one terminal event has its first token there", "[dialect][stream]") {
  const Stream stream = streams().back();
  CHECK(decode(stream.dialect, stream.end).first_token_end == stream.end.size());
}

TEST_CASE("a stream cut at any byte before its end is a fault and never a shorter answer", "[dialect][stream]") {
  for (const Stream& stream : streams()) {
    const std::string whole = stream.before + stream.first + stream.after + stream.end;
    const size_t last_brace = whole.rfind('}');
    for (size_t size = 0; size <= whole.size(); ++size) {
      INFO(stream.dialect << " cut at " << size);
      const dialect::Outcome outcome = decode(stream.dialect, whole.substr(0, size));
      CHECK(outcome.kind == (size > last_brace ? v1::ANSWERED : v1::FAULTED));
      if (size <= last_brace) CHECK(outcome.retry == dialect::Retry::kAmbiguous);
    }
  }
}

TEST_CASE("a connection that breaks behind a stream's end costs nothing, before it the answer", "[dialect][stream]") {
  for (const Stream& stream : streams()) {
    INFO(stream.dialect);
    const std::string begun = stream.before + stream.first + stream.after;
    CHECK(decode(stream.dialect, begun + stream.end, dialect::WireError::kReset).kind == v1::ANSWERED);
    const dialect::Outcome cut = decode(stream.dialect, begun, dialect::WireError::kTimeout);
    CHECK(cut.kind == v1::FAULTED);
    CHECK(cut.vendor_code == "timeout");
  }
}

TEST_CASE("a stream with random bytes changed ends in an outcome that the store reads alike", "[dialect][stream]") {
  std::mt19937 random(7);
  for (const Stream& stream : streams()) {
    const std::string whole = stream.before + stream.first + stream.after + stream.end;
    for (int i = 0; i < 5000; ++i) {
      std::string body = whole;
      for (int changes = 0; changes < 3; ++changes) {
        const size_t at = random() % body.size();
        if (i % 2 == 0) body[at] = static_cast<char>(random());
        if (i % 2 == 1) body.erase(at, random() % 8);
      }
      const dialect::Outcome outcome = decode(stream.dialect, body);
      v1::Message parsed;
      for (const dialect::Choice& choice : outcome.choices)
        CHECK(parsed.ParseFromString(choice.message.SerializeAsString()));
      const auto stored = dialect::find_dialect(stream.dialect)->decode_stored(body);
      CHECK(stored.ok() == (outcome.kind == v1::ANSWERED || outcome.kind == v1::REFUSED));
    }
  }
}

TEST_CASE("every field of a response and of its events may be of any type", "[dialect][stream]") {
  for (const std::string value : {"null", "true", "1", "1.5", "\"x\"", "[]", "{}", "[{}]", "[null]", "{\"a\":[]}"}) {
    for (const std::string key : {"status", "error", "output", "usage", "incomplete_details", "model", "id"})
      decode("openai-responses", "{\"" + key + "\":" + value + ",\"output\":[{\"type\":\"message\",\"content\":" +
                                     value + "},{\"type\":" + value + "}]}");
    decode("openai-responses", "data: " + value + "\n\ndata: {\"type\":" + value + "}\n\nevent: response.completed\n" +
                                   "data: {\"response\":" + value + "}\n\n");
    decode("openai-responses", "event: error\ndata: " + value + "\n\n");
    decode("openai-completions", "{\"choices\":[{\"text\":" + value + ",\"index\":" + value + ",\"logprobs\":" + value +
                                     ",\"finish_reason\":" + value + "}]}");
    decode("openai-completions", "data: {\"choices\":[{\"text\":" + value + ",\"index\":" + value + ",\"logprobs\":" +
                                     value + "}]}\n\ndata: {\"choices\":" + value + ",\"usage\":" + value + "}\n\n");
    decode("openai-chat", "data: {\"choices\":[{\"index\":" + value + ",\"delta\":{\"content\":" + value +
                              ",\"tool_calls\":" + value + ",\"reasoning\":" + value + "},\"logprobs\":" + value +
                              "}],\"x_groq\":" + value + "}\n\ndata: [DONE]\n\n");
  }
}

TEST_CASE("a stream nested deep, or of endless numbers, ends in a fault", "[dialect][stream]") {
  std::string open;
  for (int i = 0; i < 100000; ++i) open += "[";
  for (const Stream& stream : streams())
    CHECK(decode(stream.dialect, stream.before + "data: {\"choices\":" + open + "\n\n").kind == v1::FAULTED);
  std::string wild;
  for (int i = 0; i < 3000; ++i)
    wild += "data: {\"choices\":[{\"index\":" + std::to_string(i * 7919) +
            ",\"text\":\"x\",\"delta\":{\"tool_calls\":[{\"index\":4000000000}]}}]}\n\n";
  CHECK(decode("openai-chat", wild).kind == v1::FAULTED);
  CHECK(decode("openai-completions", wild).kind == v1::FAULTED);
}
