// Batches through the account: each vendor's way in and out, the books, and what may go wrong.
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/teachersim/moment_at.h"
#include "tests/teachersim/teacher.h"

using namespace teachersim;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr const char* kAnthropic = "Host: h:1\r\nanthropic-version: 2023-06-01\r\n";

/// An account with a ledger whose batches take ten seconds.
class Office {
 public:
  explicit Office(BatchPlan plan = {}) {
    std::string pattern = (std::filesystem::temp_directory_path() / "teachersim-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    std::string error;
    ledger_ = Ledger::open(folder_ / "ledger", false, error);
    REQUIRE(ledger_ != nullptr);
    plan.takes = 10s;
    Conduct conduct{.prices = {.input = 100, .output = 200}, .batches = plan};
    conduct.shape.bytes_min = conduct.shape.bytes_max = 100;
    teacher = std::make_unique<Teacher>(conduct, ledger_.get(), 1);
  }
  ~Office() { std::filesystem::remove_all(folder_); }

  Reply call(std::string_view method, std::string_view path, const std::string& body = "", limits::Time now = 1s,
             std::string_view query = "") {
    REQUIRE(teacher->is_page(method, path));
    return teacher->page(Call{.method = method, .path = path, .body = body, .query = query, .headers = headers},
                         moment_at(now));
  }
  json::value ask(std::string_view method, std::string_view path, const std::string& body = "", limits::Time now = 1s) {
    const Reply reply = call(method, path, body, now);
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return json::parse(reply.body);
  }
  std::string upload(const std::string& content, const std::string& path = "/v1/files") {
    headers = "Content-Type: multipart/form-data; boundary=xyz\r\n";
    const json::value file = ask("POST", path,
                                 "--xyz\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
                                 "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n"
                                 "Content-Type: application/octet-stream\r\n\r\n" +
                                     content + "\r\n--xyz--\r\n");
    headers = kAnthropic;
    CHECK(file.at("bytes") == content.size());
    return std::string(file.at("id").as_string());
  }
  std::vector<json::value> lines(const std::string& event) {
    REQUIRE(ledger_->flush());
    std::ifstream file(folder_ / "ledger");
    std::vector<json::value> found;
    for (std::string line; std::getline(file, line);)
      if (json::value parsed = json::parse(line); parsed.at("event") == json::value(event)) found.push_back(parsed);
    return found;
  }

  std::string_view headers = kAnthropic;
  std::unique_ptr<Teacher> teacher;

 private:
  std::filesystem::path folder_;
  std::unique_ptr<Ledger> ledger_;
};

std::string chat_body(const std::string& prompt) {
  return R"({"model":"m","messages":[{"role":"user","content":")" + prompt + R"("}],"max_tokens":50})";
}

std::string line(const std::string& id, const std::string& prompt, const std::string& url = "/v1/chat/completions") {
  return R"({"custom_id":")" + id + R"(","method":"POST","url":")" + url + R"(","body":)" + chat_body(prompt) + "}\n";
}

std::string create(const std::string& file, const std::string& endpoint = "/v1/chat/completions") {
  return R"({"input_file_id":")" + file + R"(","endpoint":")" + endpoint +
         R"(","completion_window":"24h","metadata":{"token":"t-1"}})";
}

std::string path_of(const json::value& batch) {
  return "/v1/batches/" + std::string(batch.at("id").as_string());
}

std::vector<json::value> lines_of(const std::string& text) {
  std::vector<json::value> parsed;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    parsed.push_back(json::parse(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parsed;
}

std::string anthropic_requests(int count) {
  std::string list;
  for (int i = 0; i < count; ++i)
    list += (i > 0 ? "," : "") + (R"({"custom_id":"k-)" + std::to_string(i) + R"(","params":)") +
            chat_body("question " + std::to_string(i)) + "}";
  return R"({"requests":[)" + list + "]}";
}

}  // namespace

TEST_CASE("a batch of OpenAI's is worked on with time and billed at its ratio", "[batch]") {
  Office office;
  const std::string file = office.upload(line("a", "first") + line("b", "second") + line("c", "[sim:500]"));
  const json::value batch = office.ask("POST", "/v1/batches", create(file));
  CHECK(batch.at("status") == "validating");
  CHECK(office.ask("GET", path_of(batch), "", 5s).at("status") == "in_progress");
  CHECK(office.lines("answered").size() == 1);
  const json::value done = office.ask("GET", path_of(batch), "", 11s);
  CHECK(done.at("status") == "completed");
  CHECK(done.at("request_counts") == json::parse(R"({"total":3,"completed":2,"failed":1})"));
  CHECK(done.at("metadata") == batch.at("metadata"));

  auto content = [&](const char* name) {
    return lines_of(
        office.call("GET", "/v1/files/" + std::string(done.at(name).as_string()) + "/content", "", 12s).body);
  };
  const auto results = content("output_file_id");
  REQUIRE(results.size() == 2);
  CHECK(results[0].at("custom_id") == "b");  // not in the order of the input
  const std::string online = chat_body("first");
  const Delivery delivery = office.teacher->finish(
      office.teacher->receive(Call{"POST", "/v1/chat/completions", "", online}, moment_at(13s)), moment_at(13s));
  CHECK(results[1].at_pointer("/response/body/choices") == json::parse(delivery.reply.body).at("choices"));
  CHECK(content("error_file_id")[0].at_pointer("/response/status_code") == 500);

  const auto answered = office.lines("answered");
  REQUIRE(answered.size() == 3);
  CHECK(answered[0].at("custom_id") == "a");
  CHECK(answered[0].at("batch") == batch.at("id"));
  CHECK(answered[0].at("cost_picodollars").as_int64() * 2 == answered[2].at("cost_picodollars").as_int64());
  CHECK(office.lines("batch").size() == 1);
  CHECK(office.lines("batch")[0].at("metadata") == batch.at("metadata"));
  CHECK(office.lines("received").size() == 4);
  CHECK(office.lines("failed").size() == 1);
}

TEST_CASE("a batch that nobody asks for ends all the same", "[batch]") {
  Office office;
  office.ask("POST", "/v1/batches", create(office.upload(line("a", "first"))));
  CHECK(office.teacher->next_batch_end() == 11s);
  office.teacher->advance_batches(moment_at(11s));
  CHECK(office.teacher->next_batch_end() == limits::Time::max());
  office.teacher->advance_batches(moment_at(12s));
  CHECK(office.lines("answered").size() == 1);
}

TEST_CASE("a file that is not right makes the batch fail", "[batch]") {
  Office office(BatchPlan{.lines_max = 2});
  auto code = [&](const std::string& content) {
    const json::value batch = office.ask("POST", "/v1/batches", create(office.upload(content)));
    CHECK(batch.at("status") == "failed");
    return std::string(batch.at_pointer("/errors/data/0/code").as_string());
  };
  CHECK(code("{\n") == "invalid_json_line");
  CHECK(code("\xEF\xBB\xBF" + line("a", "x")) == "invalid_json_line");
  CHECK(code("") == "empty_batch");
  CHECK(code(line("a", "x") + line("a", "y")) == "duplicate_custom_id");
  CHECK(code(line("a", "x", "/v1/responses")) == "mismatched_endpoint");
  CHECK(code(line("a", "x") + line("b", "x") + line("c", "x")) == "too_many_tasks");
  CHECK(office.call("POST", "/v1/batches", create("file-none")).status == 400);
  CHECK(office.call("GET", "/v1/batches/none").status == 404);
  CHECK(office.lines("answered").empty());
}

TEST_CASE("a full queue fails a batch of OpenAI's and throttles one of Anthropic's", "[batch]") {
  Office office(BatchPlan{.enqueued_tokens = 9});
  const std::string small = office.upload(line("a", "x"));
  CHECK(office.ask("POST", "/v1/batches", create(small)).at("status") == "validating");
  const json::value refused = office.ask("POST", "/v1/batches", create(small));
  CHECK(refused.at_pointer("/errors/data/0/code") == "token_limit_exceeded");
  CHECK(office.call("POST", "/v1/messages/batches", anthropic_requests(1)).status == 429);
  office.teacher->advance_batches(moment_at(20s));
  CHECK(office.ask("POST", "/v1/batches", create(small), 20s).at("status") == "validating");
}

TEST_CASE("a batch may expire half done", "[batch]") {
  Office office(BatchPlan{.expire_rate = 1});
  const json::value batch =
      office.ask("POST", "/v1/batches", create(office.upload(line("a", "first") + line("b", "second"))));
  const json::value done = office.ask("GET", path_of(batch), "", 11s);
  CHECK(done.at("status") == "expired");
  const std::string file(done.at("error_file_id").as_string());
  const auto errors = lines_of(office.call("GET", "/v1/files/" + file + "/content", "", 12s).body);
  CHECK(errors[0].at("response").is_null());
  CHECK(errors[0].at_pointer("/error/code") == "batch_expired");
  CHECK(office.lines("answered").size() == 1);
  CHECK(office.lines("failed")[0].at("reason") == "batch_expired");
}

TEST_CASE("lines fail at the rate that was asked for", "[batch]") {
  Office office(BatchPlan{.failed_lines_rate = 0.5});
  std::string content;
  for (int i = 0; i < 100; ++i) content += line(std::to_string(i), "question");
  const json::value batch = office.ask("POST", "/v1/batches", create(office.upload(content)));
  const std::int64_t failed =
      office.ask("GET", path_of(batch), "", 11s).at_pointer("/request_counts/failed").as_int64();
  CHECK((failed > 30 && failed < 70));
}

TEST_CASE("a line may fail in its first batch only", "[batch]") {
  Office office;
  const std::string file = office.upload(line("a", "[sim:503*1]"));
  auto failed = [&](limits::Time now) {
    const json::value batch = office.ask("POST", "/v1/batches", create(file), now);
    return office.ask("GET", path_of(batch), "", now + 10s).at_pointer("/request_counts/failed").as_int64();
  };
  CHECK(failed(1s) == 1);
  CHECK(failed(20s) == 0);
}

TEST_CASE("a cancelled batch delivers and bills what was done", "[batch]") {
  Office office;
  const json::value batch =
      office.ask("POST", "/v1/batches", create(office.upload(line("a", "first") + line("b", "second"))));
  const json::value cancelled = office.ask("POST", path_of(batch) + "/cancel", "", 7s);
  CHECK(cancelled.at("status") == "cancelled");
  CHECK(cancelled.at("output_file_id").is_string());
  CHECK(office.lines("answered").size() == 1);
  CHECK(office.lines("failed")[0].at("reason") == "batch_cancelled");
}

TEST_CASE("batches are listed the newest first and page by page", "[batch]") {
  Office office;
  const std::string file = office.upload(line("a", "x"));
  for (int i = 0; i < 3; ++i) office.ask("POST", "/v1/batches", create(file));
  const json::value first = json::parse(office.call("GET", "/v1/batches", "", 2s, "limit=2").body);
  CHECK(first.at("has_more") == true);
  CHECK(first.at("data").as_array().size() == 2);
  const std::string query = "limit=2&after=" + std::string(first.at("last_id").as_string());
  const json::value second = json::parse(office.call("GET", "/v1/batches", "", 2s, query).body);
  CHECK(second.at("has_more") == false);
  CHECK(second.at("data").as_array().size() == 1);
  CHECK(json::parse(office.call("GET", "/openai/batches").body).at("data").as_array().empty());
}

TEST_CASE("Azure's lines name their deployment and its error file is there in any case", "[batch]") {
  Office office;
  const std::string file = office.upload(line("a", "first", "/chat/completions"), "/openai/files");
  const json::value batch = office.ask("POST", "/openai/batches", create(file, "/chat/completions"));
  const json::value done = office.ask("GET", "/openai" + path_of(batch).substr(3), "", 11s);
  CHECK(done.at("status") == "completed");
  CHECK(done.at("error_file_id").is_string());
  CHECK(office.lines("batch")[0].at("door") == "azure");
}

TEST_CASE("a message batch tells counts at its end and results by the line", "[batch]") {
  Office office;
  const json::value batch = office.ask("POST", "/v1/messages/batches", anthropic_requests(2));
  CHECK(batch.at("processing_status") == "in_progress");
  CHECK(batch.at_pointer("/request_counts/processing") == 2);
  const std::string path = "/v1/messages/batches/" + std::string(batch.at("id").as_string());
  CHECK(office.call("GET", path + "/results").status == 400);
  const json::value done = office.ask("GET", path, "", 11s);
  CHECK(done.at("processing_status") == "ended");
  CHECK(done.at_pointer("/request_counts/succeeded") == 2);
  CHECK(done.at("results_url") == json::value("http://h:1" + path + "/results"));
  const auto results = lines_of(office.call("GET", path + "/results", "", 12s).body);
  CHECK(results[0].at("custom_id") == "k-1");
  CHECK(results[0].at_pointer("/result/message/type") == "message");
  CHECK(office.ask("GET", "/v1/messages/batches").at_pointer("/data/0/id") == batch.at("id"));
  CHECK(office.call("POST", "/v1/messages/batches", R"({"requests":[]})").status == 400);
  office.headers = "Host: h\r\n";
  CHECK(office.call("GET", path).status == 400);
}

TEST_CASE("an operation of Google's holds the responses in their order", "[batch]") {
  Office office;
  const std::string requests =
      R"({"batch":{"displayName":"token-1","inputConfig":{"requests":{"requests":[)"
      R"({"request":{"contents":[{"parts":[{"text":"first"}]}]},"metadata":{"key":"a"}},)"
      R"({"request":{"contents":[{"parts":[{"text":"[sim:500]"}]}]},"metadata":{"key":"b"}}]}}}})";
  const json::value operation = office.ask("POST", "/v1beta/models/gemini-x:batchGenerateContent", requests);
  CHECK(operation.at_pointer("/metadata/state") == "BATCH_STATE_PENDING");
  const std::string path = "/v1beta/" + std::string(operation.at("name").as_string());
  const json::value done = office.ask("GET", path, "", 11s);
  CHECK(done.at("done") == true);
  CHECK(done.at_pointer("/metadata/state") == "BATCH_STATE_SUCCEEDED");
  const json::value& responses = done.at_pointer("/metadata/output/inlinedResponses/inlinedResponses");
  CHECK(responses.at(0).at_pointer("/response/candidates/0/content/parts/0/text").is_string());
  CHECK(responses.at(1).at_pointer("/error/code") == 13);
  CHECK(responses.at(1).at_pointer("/metadata/key") == "b");
  CHECK(office.ask("GET", "/v1beta/batches").at_pointer("/operations/0/metadata/displayName") == "token-1");
}

TEST_CASE("a job of Mistral's takes requests from its body and lends them its model", "[batch]") {
  Office office;
  const std::string job = R"({"model":"m","endpoint":"/v1/chat/completions","metadata":{"token":"t-1"},"requests":[)"
                          R"({"custom_id":"a","body":{"messages":[{"role":"user","content":"first"}]}},)"
                          R"({"custom_id":"b","body":{"messages":[{"role":"user","content":"x"}],"seed":1}}]})";
  const json::value created = office.ask("POST", "/v1/batch/jobs", job);
  CHECK(created.at("status") == "QUEUED");
  const json::value done = office.ask("GET", "/v1/batch/jobs/" + std::string(created.at("id").as_string()), "", 11s);
  CHECK(done.at("status") == "SUCCESS");
  CHECK(done.at("succeeded_requests") == 1);
  const std::string errors(done.at("error_file").as_string());
  const auto lines = lines_of(office.call("GET", "/v1/files/" + errors + "/content", "", 12s).body);
  CHECK(lines[0].at_pointer("/response/status_code") == 422);
  CHECK(office.ask("GET", "/v1/batch/jobs").at("total") == 1);
}

TEST_CASE("batches want a key as calls do", "[batch]") {
  Teacher teacher(Conduct{.api_keys = {"k"}}, nullptr, 1);
  CHECK(teacher.page(Call{"GET", "/v1/batches", "k"}, moment_at(1s)).status == 200);
  CHECK(teacher.page(Call{"GET", "/v1/batches", "wrong"}, moment_at(1s)).status == 401);
  CHECK(teacher.page(Call{.method = "GET", .path = "/v1/messages/batches"}, moment_at(1s)).status == 401);
  CHECK_FALSE(teacher.is_page("POST", "/v1/chat/completions"));
}
