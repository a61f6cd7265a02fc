// What became of a batch's members: an answer reads as the same call's does online, and a bad line costs no good one.
#include <algorithm>
#include <array>

#include "tests/dialect/batch_teacher.h"
#include "tests/dialect/golden_case.h"

using namespace harvest;
using namespace harvest::testing;
using dialect::BatchResult;
using dialect::Outcome;
using Fate = dialect::BatchResult::Fate;

namespace {

using Results = std::vector<BatchResult>;

Results results(const BatchTeacher& teacher, const std::string& body) {
  INFO(body);
  const auto read = teacher.batches().read_results(body);
  REQUIRE(read.ok());
  return *read;
}

Outcome decoded(const BatchTeacher& teacher, const BatchResult& result) {
  CHECK(result.fate == Fate::kDone);
  CHECK(result.exchange.sent);
  return teacher.dialect.decode(result.exchange, kGoldenUtcUs);
}

/// The names in their order, those that were not asked in brackets.
std::string names(const Results& results) {
  std::string all;
  for (const BatchResult& result : results) {
    const bool asked = result.fate == Fate::kDone;
    all += (all.empty() ? "" : " ") + (asked ? result.custom_id : "(" + result.custom_id + ")");
  }
  return all;
}

std::string one_line(std::string json) {
  std::replace(json.begin(), json.end(), '\n', ' ');
  std::replace(json.begin(), json.end(), '\r', ' ');
  json.erase(0, json.find_first_not_of(' '));
  return json.substr(0, json.find_last_not_of(' ') + 1);
}

/// An answer's body as a vendor's line brings it.
std::string line_of(const BatchTeacher& teacher, const std::string& id, const std::string& body, int status = 200) {
  const std::string name = R"("custom_id":")" + id + '"';
  const std::string vendor = teacher.teacher.dialect();
  if (vendor == "gemini") return R"({"key":")" + id + R"(","response":)" + one_line(body) + "}\n";
  if (vendor == "anthropic-messages")
    return "{" + name + R"(,"result":{"type":"succeeded","message":)" + one_line(body) + "}}\n";
  return R"({"id":"r",)" + name + R"(,"response":{"status_code":)" + std::to_string(status) + R"(,"body":)" +
         one_line(body) + R"(},"error":null})" + "\n";
}

const std::string kChat =
    R"({"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop","message":)"
    R"({"role":"assistant","content":"{\"custom_id\":\"x\"}"}}],"usage":{"prompt_tokens":3,"completion_tokens":2}})";
const std::string kMessage =
    R"({"id":"msg","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"A"}],)"
    R"("stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}})";
const std::string kCandidate =
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"A"}]},"finishReason":"STOP"}],)"
    R"("usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2}})";

struct Sample {
  BatchTeacher teacher;
  std::string answer;
};
std::vector<Sample> samples() {
  return {{openai(), kChat}, {azure(), kChat}, {mistral(), kChat}, {anthropic(), kMessage}, {gemini(), kCandidate}};
}

const boost::json::object kAllFields{{"kind", 0},  {"retry", 0},   {"cause", 0}, {"code", 0},        {"message", 0},
                                     {"model", 0}, {"choices", 0}, {"usage", 0}, {"rights_alert", 0}};

std::string in_full(const Outcome& outcome) {
  return boost::json::serialize(described(outcome, kAllFields));
}

bool is_object(const std::string& body) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(body, error);
  return !error && value.is_object();
}

}  // namespace

TEST_CASE("every golden answer reads from a batch as it does online", "[batch][golden]") {
  int count = 0;
  for (const GoldenCase& golden : golden_cases()) {
    if (is_request(golden)) continue;
    BatchTeacher teacher(golden.dialect, "https://api.openai.com/v1");
    if (teacher.dialect.batches(teacher.teacher) == nullptr) continue;
    dialect::HttpExchange online = exchange_of(golden);
    if (online.error != dialect::WireError::kNone || !is_object(online.body)) continue;
    const bool status_told = golden.dialect != "gemini" && golden.dialect != "anthropic-messages";
    if (online.status != 200 && !status_told) continue;
    ++count;
    INFO(golden.dialect << "/" << golden.file << ": " << golden.name);
    online.headers.clear();
    online.body = one_line(online.body);
    const Results read = results(teacher, line_of(teacher, "k", online.body, online.status));
    REQUIRE(read.size() == 1);
    CHECK(read[0].exchange.body == online.body);
    const Outcome outcome = decoded(teacher, read[0]);
    CHECK(in_full(outcome) == in_full(teacher.dialect.decode(online, kGoldenUtcUs)));
    if (outcome.has_answer() && online.status == 200) CHECK(teacher.dialect.decode_stored(read[0].exchange.body).ok());
  }
  CHECK(count >= 100);
}

TEST_CASE("lines come in any order, each with its name", "[batch]") {
  for (const auto& [teacher, answer] : samples()) {
    const Results read = results(teacher, line_of(teacher, "b", answer) + "\n" + line_of(teacher, "a", answer));
    CHECK(names(read) == "b a");
    CHECK(read[0].exchange.body == answer);
    CHECK(decoded(teacher, read[1]).kind == v1::ANSWERED);
  }
}

TEST_CASE("openai: what was not asked is told from what failed", "[batch]") {
  for (const BatchTeacher& teacher : {openai(), azure()}) {
    const Results read = results(
        teacher,
        R"({"custom_id":"a","response":null,"error":{"code":"batch_expired","message":"late"}})"
        "\n"
        R"({"custom_id":"b","response":null,"error":{"code":"batch_cancelled","message":"stopped"}})"
        "\n"
        R"({"custom_id":"c","response":null,"error":{"code":"server_error","message":"oops"}})"
        "\n"
        R"({"custom_id":"d","response":{"status_code":400,"request_id":"req_1","body":{"error":{"code":"x","message":"bad"}}},"error":null})"
        "\n"
        R"({"custom_id":"e","response":null,"error":null})"
        "\n"
        R"({"custom_id":"f","response":null,"error":"in words"})"
        "\n"
        R"({"custom_id":"g","response":{"status_code":200}})"
        "\n");
    CHECK(names(read) == "(a) (b) c d e f g");
    CHECK(decoded(teacher, read[2]).kind == v1::FAULTED);
    CHECK(decoded(teacher, read[2]).message == "oops");
    CHECK(decoded(teacher, read[3]).kind == v1::REJECTED);
    CHECK(decoded(teacher, read[3]).request_id == "req_1");
    for (size_t i = 4; i < read.size(); ++i) CHECK(decoded(teacher, read[i]).kind == v1::FAULTED);
    CHECK(decoded(teacher, read[5]).message == "in words");
  }
}

TEST_CASE("mistral: an error without a type is of a member whose turn never came", "[batch]") {
  const Results read = results(
      mistral(),
      R"({"custom_id":"a","response":null,"error":{"message":"the job ended"}})"
      "\n"
      R"({"custom_id":"b","response":null,"error":{"type":"invalid_model","message":"no","code":"1500"}})"
      "\n"
      R"({"custom_id":"c","response":{"status_code":429,"body":{"object":"error","type":"rate_limited","message":"slow","code":"1300"}},"error":{}})"
      "\n");
  CHECK(names(read) == "(a) b c");
  CHECK(decoded(mistral(), read[1]).kind == v1::HALTED);
  CHECK(decoded(mistral(), read[2]).kind == v1::THROTTLED);
}

TEST_CASE("anthropic: an error is what it is online", "[batch]") {
  const std::vector<std::pair<std::string, int>> errors{
      {"invalid_request_error", 400}, {"authentication_error", 401}, {"billing_error", 402},
      {"permission_error", 403},      {"not_found_error", 404},      {"conflict_error", 409},
      {"request_too_large", 413},     {"rate_limit_error", 429},     {"api_error", 500},
      {"timeout_error", 504},         {"overloaded_error", 529},     {"brand_new_error", 500}};
  const BatchTeacher teacher = anthropic();
  for (const auto& [type, status] : errors) {
    INFO(type);
    dialect::HttpExchange online;
    online.sent = true;
    online.status = status;
    const std::string error = R"({"type":")" + type + R"(","message":"words"})";
    online.body = R"({"type":"error","error":)" + error + "}";
    for (const std::string& told_as : {online.body, error}) {
      const Results read =
          results(teacher, R"({"custom_id":"a","result":{"type":"errored","error":)" + told_as + "}}\n");
      REQUIRE(read.size() == 1);
      CHECK(read[0].exchange.body == online.body);
      CHECK(read[0].exchange.status == status);
      CHECK(in_full(decoded(teacher, read[0])) == in_full(teacher.dialect.decode(online, kGoldenUtcUs)));
    }
  }
}

TEST_CASE("anthropic: cancelled and expired members were not asked", "[batch]") {
  const Results read = results(anthropic(), R"({"custom_id":"a","result":{"type":"canceled"}})"
                                            "\n"
                                            R"({"custom_id":"b","result":{"type":"expired"}})"
                                            "\n"
                                            R"({"custom_id":"c","result":{"type":"errored"}})"
                                            "\n"
                                            R"({"custom_id":"d","result":{"type":"novelty"}})"
                                            "\n"
                                            R"({"custom_id":"e"})"
                                            "\n");
  CHECK(names(read) == "(a) (b) c d e");
  for (size_t i = 2; i < read.size(); ++i) CHECK(decoded(anthropic(), read[i]).kind == v1::FAULTED);
}

TEST_CASE("gemini: results are in the operation, or in a file of lines", "[batch]") {
  const std::string list = R"("inlinedResponses":{"inlinedResponses":[{"response":)" + kCandidate +
                           R"(,"metadata":{"key":"a"}},{"metadata":{"key":"b"},"error":{"code":3,"message":"bad"}},)"
                           R"({"response":{}},7,{"metadata":{"key":"c"},"error":{"code":1,"message":"stopped"}}]})";
  const std::string in_response = R"({"name":"batches/x","done":true,"response":{)" + list + "}}";
  const std::string in_metadata = "{\n \"name\": \"batches/x\", \"metadata\": {\"output\":{" + list + "}}}";
  for (const std::string& body : {in_response, in_metadata}) {
    const Results read = results(gemini(), body);
    REQUIRE(names(read) == "a b (c)");
    CHECK(read[0].exchange.body == kCandidate);
    CHECK(decoded(gemini(), read[0]).kind == v1::ANSWERED);
    CHECK(decoded(gemini(), read[1]).kind == v1::REJECTED);
    CHECK(decoded(gemini(), read[1]).vendor_code == "INVALID_ARGUMENT");
  }
  CHECK(results(gemini(), R"({"name":"batches/x","done":true,"response":{}})").empty());
  CHECK(absl::IsInvalidArgument(gemini().batches().read_results(in_response.substr(0, 200)).status()));
}

TEST_CASE("gemini: out of time is not asked where the batch was, else a fault", "[batch]") {
  const auto read = [](const std::string& state) {
    return results(gemini(), R"({"name":"batches/x","metadata":{"state":")" + state +
                                 R"(","output":{"inlinedResponses":{"inlinedResponses":[{"metadata":{"key":"a"},)"
                                 R"("error":{"code":4,"message":"late"}}]}}}})");
  };
  CHECK(names(read("BATCH_STATE_EXPIRED")) == "(a)");
  CHECK(names(read("BATCH_STATE_CANCELLED")) == "(a)");
  CHECK(decoded(gemini(), read("BATCH_STATE_SUCCEEDED").at(0)).kind == v1::FAULTED);
}

TEST_CASE("gemini: an error of gRPC's is what it is online", "[batch]") {
  const std::vector<std::pair<int, v1::Outcome>> kinds{
      {2, v1::FAULTED},   {3, v1::REJECTED},   {4, v1::FAULTED},     {5, v1::HALTED},   {7, v1::HALTED},
      {8, v1::THROTTLED}, {9, v1::REJECTED},   {13, v1::FAULTED},    {14, v1::FAULTED}, {16, v1::HALTED},
      {99, v1::FAULTED},  {400, v1::REJECTED}, {429, v1::THROTTLED}, {-3, v1::FAULTED}};
  for (const auto& [code, kind] : kinds) {
    INFO(code);
    const Results read = results(gemini(), R"({"key":"a","error":{"code":)" + std::to_string(code) +
                                               R"(,"message":"words","details":[{"retryDelay":"7s"}]}})" + "\n");
    REQUIRE(read.size() == 1);
    CHECK(decoded(gemini(), read[0]).kind == kind);
    CHECK(decoded(gemini(), read[0]).message == "words");
  }
  const Results billing = results(
      gemini(), R"({"key":"a","error":{"code":9,"message":"User location is not supported for the API use."}})");
  CHECK(decoded(gemini(), billing.at(0)).halt_cause == dialect::HaltCause::kAccess);
}

TEST_CASE("a broken line costs nobody else", "[batch]") {
  for (const auto& [teacher, answer] : samples()) {
    INFO(teacher.teacher.dialect());
    const std::string good = line_of(teacher, "good", answer), bad = line_of(teacher, "bad", answer);
    const std::string broken = bad.substr(0, bad.size() - 3);
    Results read = results(teacher, good + broken + "\n" + line_of(teacher, "too", answer));
    CHECK(names(read) == "good bad too");
    CHECK(decoded(teacher, read[1]).kind == v1::FAULTED);
    CHECK(names(results(teacher, good + "no JSON at all\n[1]\n{}\n{\"custom_id\":7,\"key\":[]}\n")) == "good");
    CHECK(names(results(teacher, broken + "\n" + good)) == "bad good");
    // What a teacher wrote is not taken for a name.
    CHECK(names(results(teacher, R"({"result":{"custom_id":"x","key":"x"}, "custom_id":"x")"
                                 "\n" +
                                     good)) == "good");
  }
}

TEST_CASE("of a body that is cut the whole lines count", "[batch]") {
  for (const auto& [teacher, answer] : samples()) {
    INFO(teacher.teacher.dialect());
    const std::string line = line_of(teacher, "a", answer);
    const std::string body = line + line_of(teacher, "b", answer) + line_of(teacher, "c", answer);
    for (size_t cut = 0; cut <= body.size(); ++cut) {
      const auto read = teacher.batches().read_results(body.substr(0, cut));
      // A line is whole with its brace.
      const size_t whole = (cut + 1) / line.size();
      if (!read.ok()) CHECK(whole == 0);
      if (read.ok()) CHECK(read->size() == whole);
    }
  }
}

TEST_CASE("an empty file of results is one of nobody", "[batch]") {
  for (const auto& [teacher, answer] : samples()) {
    CHECK(results(teacher, "").empty());
    CHECK(results(teacher, "\n \r\n").empty());
  }
}

TEST_CASE("results survive whatever their fields hold", "[batch]") {
  const std::array<std::string, 8> values{"null", "false", "-7", "1e300", "\"\"", "\"\\ud800\"", "[{}]", "{\"key\":7}"};
  for (const auto& [teacher, answer] : samples()) {
    const std::array<std::string, 4> lines{
        line_of(teacher, "a", answer),
        R"({"custom_id":"a","response":null,"error":{"code":"c","type":"t","message":"m"}})",
        R"({"custom_id":"a","result":{"type":"errored","error":{"type":"error","error":{"type":"api_error"}}}})",
        R"({"name":"batches/b","metadata":{"state":"S","output":{"inlinedResponses":{"inlinedResponses":[)"
        R"({"metadata":{"key":"a"},"error":{"code":4,"message":"m","details":[{}]}}]}}}})"};
    for (const std::string& line : lines)
      for (size_t colon = line.find(':'); colon != std::string::npos; colon = line.find(':', colon + 1))
        for (const std::string& value : values) {
          size_t end = colon + 1;
          while (end < line.size() && line[end] != ',' && line[end] != '}') ++end;
          const auto read = teacher.batches().read_results(line.substr(0, colon + 1) + value + line.substr(end));
          if (!read.ok()) CHECK(absl::IsInvalidArgument(read.status()));
          if (!read.ok()) continue;
          for (const BatchResult& result : *read)
            if (result.fate == Fate::kDone) (void)decoded(teacher, result);
        }
  }
}

TEST_CASE("bytes outside Unicode cost one character, no answer", "[batch]") {
  const std::string body = line_of(openai(), "a", kChat);
  std::string broken = body;
  broken[broken.find("assistant")] = '\xff';
  const Results read = results(openai(), broken + body);
  REQUIRE(names(read) == "a a");
  CHECK(decoded(openai(), read[1]).kind == v1::ANSWERED);
}
