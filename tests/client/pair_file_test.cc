#include "client/cpp/pair_file.h"

#include <catch2/catch.hpp>

#include "tests/client/prompt_files.h"

using namespace harvest::client;
namespace v1 = harvest::v1;

namespace {

struct PairsIn {
  absl::StatusOr<PairsRead> report;
  std::vector<v1::ImportPairsRequest::Entry> entries;
  bool says(const std::string& words) const {
    INFO(report.status());
    return report.status().code() == absl::StatusCode::kInvalidArgument &&
           std::string(report.status().message()).find(words) != std::string::npos;
  }
};

PairsIn pairs_in(const std::string& answers, const std::string& requests = "") {
  TempDir dir;
  PairsIn result{PairsRead{}, {}};
  const PairFiles files{dir.file("out.jsonl", answers), requests.empty() ? "" : dir.file("in.jsonl", requests)};
  result.report = read_pairs(files, "sha256:d", [&](v1::ImportPairsRequest::Entry entry) {
    result.entries.push_back(std::move(entry));
    return absl::OkStatus();
  });
  return result;
}

std::string batch_request(const std::string& id) {
  return R"({"custom_id":")" + id +
         R"(","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user",)" +
         R"("content":"ask )" + id + "\"}]}}\n";
}

std::string batch_output(const std::string& id, const std::string& body = R"({"choices": [], "x": 1.50e2})") {
  return R"({"id":"b","custom_id":")" + id + R"(","response":{"status_code":200,"request_id":"q-)" + id +
         R"(","body":)" + body + "},\"error\":null}\n";
}

}  // namespace

TEST_CASE("plain lines end in the answer or have it as completion", "[client]") {
  const PairsIn got = pairs_in(
      R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"topic":"x"})"
      "\n\n"
      R"({"prompt":"p","completion":"c","custom_id":"id-2","level":3,"also":[1]})");
  REQUIRE(got.report.ok());
  REQUIRE(got.entries.size() == 2);
  CHECK(got.entries[0].prompt().messages_size() == 2);
  CHECK(got.entries[0].message().content() == "a");
  CHECK(got.entries[0].prompt().fields_json() == R"({"topic":"x"})");
  CHECK(got.entries[0].prompt().file() == "out.jsonl");
  CHECK(got.entries[0].answer().endpoint() == "sha256:d");
  CHECK(got.entries[1].message().content() == "c");
  CHECK(got.entries[1].prompt().fields_json() == R"({"also":[1],"level":3})");
  CHECK(got.entries[1].prompt().custom_id() == "id-2");
  CHECK(got.entries[1].prompt().line() == 3);
}

TEST_CASE("every line that is no pair is named with its number", "[client]") {
  const PairsIn got = pairs_in(
      "{\"prompt\":\"p\",\"completion\":\"c\"}\n{\"prompt\":\"p\"}\nno json\n"
      "{\"prompt\":\"p\",\"completion\":7}\n{\"turns\":[\"a\",\"b\"]}\n"
      "{\"messages\":[{\"role\":\"assistant\",\"content\":\"alone\"}]}\n");
  for (const char* words :
       {"out.jsonl:2: found no answer", "out.jsonl:3: is not JSON", "out.jsonl:4: completion: found 7",
        "out.jsonl:5: turns: found some", "out.jsonl:6: messages: found an answer alone"}) {
    CAPTURE(words);
    CHECK(got.says(words));
  }
  CHECK(pairs_in("\n").says("found no pair"));
}

TEST_CASE("an OpenAI Batch output finds its requests and its bodies are kept to the byte", "[client]") {
  const PairsIn got =
      pairs_in(batch_output("b") + batch_output("a"), batch_request("a") + batch_request("b") + batch_request("c"));
  REQUIRE(got.report.ok());
  REQUIRE(got.entries.size() == 2);
  CHECK(got.entries[0].prompt().messages(0).content() == "ask b");
  CHECK(got.entries[0].prompt().custom_id() == "b");
  CHECK(got.entries[0].answer().raw() == R"({"choices": [], "x": 1.50e2})");
  CHECK(got.entries[0].answer().request_id() == "q-b");
  CHECK(got.report->unanswered == 1);
  CHECK(got.report->failed == 0);
}

TEST_CASE("a request that failed there is told and no pair", "[client]") {
  const std::string failed = R"({"custom_id":"a","response":null,"error":{"code":"batch_expired"}})"
                             "\n"
                             R"({"custom_id":"b","response":{"status_code":429,"body":{}},"error":null})"
                             "\n";
  const PairsIn got =
      pairs_in(failed + batch_output("c"), batch_request("a") + batch_request("b") + batch_request("c"));
  REQUIRE(got.report.ok());
  CHECK(got.entries.size() == 1);
  CHECK(got.report->failed == 2);
  REQUIRE(got.report->told.size() == 2);
  CHECK(got.report->told[0].find("out.jsonl:1: 'a' has no answer: {\"code\":\"batch_expired\"}") != std::string::npos);
  CHECK(got.report->told[1].find("HTTP status 429") != std::string::npos);
}

TEST_CASE("output lines that belong to no request are refused by number", "[client]") {
  CHECK(pairs_in(batch_output("a") + batch_output("z"), batch_request("a"))
            .says("out.jsonl:2: custom_id: found 'z', expected one of"));
  CHECK(pairs_in(batch_output("a") + batch_output("a"), batch_request("a"))
            .says("out.jsonl:2: custom_id: found 'a' a second time"));
  CHECK(pairs_in(batch_output("a"), batch_request("a") + batch_request("a"))
            .says("in.jsonl:2: custom_id: found 'a' a second time"));
  CHECK(pairs_in(batch_output("a", "7"), batch_request("a")).says("out.jsonl:1: response.body"));
  CHECK(pairs_in("{}\n", batch_request("a")).says("out.jsonl:1: custom_id: found none"));
  CHECK(pairs_in("{\"custom_id\":\"a\"}\n", batch_request("a")).says("out.jsonl:1: response: found none"));
}

TEST_CASE("a file's digest is of what it holds unpacked", "[client]") {
  TempDir dir;
  const auto plain = digest_of_file(dir.file("a", "some lines\n"));
  REQUIRE(plain.ok());
  CHECK(*plain == *digest_of_file(dir.file("b.gz", gzipped("some lines\n"))));
  CHECK(plain->substr(0, 7) == "sha256:");
  CHECK_FALSE(digest_of_file("-").ok());
}
