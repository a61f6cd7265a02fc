// What batches are asked for with, and how they are told to stand; what became of their members is in
// batch_results_test.
#include <array>

#include "tests/dialect/batch_teacher.h"

using namespace harvest;
using namespace harvest::testing;
using dialect::BatchMember;
using dialect::BatchOrder;
using dialect::BatchPage;
using dialect::BatchStanding;
using Stage = dialect::BatchStanding::Stage;

namespace {

const std::string kJson = "Content-Type: application/json\nAccept: application/json\n";
const std::string kAccept = "Accept: application/json\n";
const std::string kVersion = "anthropic-version: 2023-06-01\n";

std::string created(const BatchTeacher& teacher, std::string_view file = "") {
  const std::array members{teacher.member("k-1"), teacher.member("k-2", "ho")};
  return told(teacher.batches().create(teacher.teacher, {.token = "t1", .members = members}, file));
}

std::string uploaded(const BatchTeacher& teacher) {
  const std::array members{teacher.member("k-1"), teacher.member("k-2", "ho")};
  return told(*teacher.batches().upload(teacher.teacher, {.token = "t1", .members = members}));
}

/// The form that holds these lines.
std::string form(const std::string& lines, const std::string& boundary = "harvest-t1") {
  return "Content-Type: multipart/form-data; boundary=" + boundary + "\n" + kAccept + "--" + boundary +
         "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--" + boundary +
         "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + boundary +
         ".jsonl\"\r\nContent-Type: application/jsonl\r\n\r\n" + lines + "\r\n--" + boundary + "--\r\n";
}

std::string openai_line(const std::string& id, const std::string& text, const std::string& url) {
  return R"({"custom_id":")" + id + R"(","method":"POST","url":")" + url +
         R"(","body":{"model":"m-1","messages":[{"role":"user","content":")" + text +
         R"("}],"max_completion_tokens":5}})" + "\n";
}

/// What is asked of a batch that is there.
std::vector<std::string> followed(const BatchTeacher& teacher, const std::string& id,
                                  const std::vector<std::string>& files, std::string_view page) {
  const dialect::BatchInterface& batches = teacher.batches();
  BatchStanding standing;
  standing.id = id;
  standing.result_files = files;
  std::vector<std::string> all{told(batches.look(teacher.teacher, id)), told(batches.cancel(teacher.teacher, id)),
                               told(batches.list(teacher.teacher, "")), told(batches.list(teacher.teacher, page))};
  for (const dialect::HttpRequest& request : batches.fetch(teacher.teacher, standing)) all.push_back(told(request));
  return all;
}

BatchStanding stands(const BatchTeacher& teacher, const std::string& body) {
  INFO(body);
  const auto standing = teacher.batches().read_standing(body);
  REQUIRE(standing.ok());
  return *standing;
}

std::string with_status(const std::string& key, const std::string& word) {
  return R"({"id":"b","name":"batches/b",")" + key + R"(":")" + word + R"("})";
}

bool has_batches(const std::string& dialect, const std::string& endpoint, const std::string& profile = "") {
  BatchTeacher teacher(dialect, endpoint);
  teacher.teacher.set_profile(profile);
  return teacher.dialect.batches(teacher.teacher) != nullptr;
}

}  // namespace

TEST_CASE("batches are offered where the vendor's own interface is spoken", "[batch]") {
  CHECK(has_batches("openai-chat", "https://api.openai.com/v1"));
  CHECK(has_batches("openai-chat", "http://127.0.0.1:1/v1", "openai"));
  CHECK_FALSE(has_batches("openai-chat", "http://127.0.0.1:1/v1"));
  CHECK_FALSE(has_batches("openai-chat", "https://api.groq.com/openai/v1"));
  CHECK(has_batches("openai-responses", "https://api.openai.com/v1"));
  CHECK(has_batches("openai-completions", "https://api.openai.com/v1"));
  CHECK_FALSE(has_batches("openai-completions", "http://127.0.0.1:1/v1", "vllm"));
  CHECK(has_batches("azure-openai", "https://res.openai.azure.com", "entra"));
  CHECK(has_batches("mistral", "https://api.mistral.ai/v1"));
  CHECK(has_batches("anthropic-messages", "https://api.anthropic.com"));
  CHECK(has_batches("gemini", "https://generativelanguage.googleapis.com/v1beta"));
  CHECK_FALSE(has_batches("gemini", "https://generativelanguage.googleapis.com/v1beta", "vertex"));
  for (const char* dialect : {"bedrock-converse", "cohere-v2", "ollama"}) CHECK_FALSE(has_batches(dialect, "http://h"));
}

TEST_CASE("openai: members go up as a file, of which a batch is made", "[batch]") {
  const std::string url = "/v1/chat/completions";
  CHECK(uploaded(openai()) == "POST /files\n" + form(openai_line("k-1", "hi", url) + openai_line("k-2", "ho", url)));
  CHECK(created(openai(), "file-1") ==
        "POST /batches\n" + kJson +
            R"({"input_file_id":"file-1","endpoint":"/v1/chat/completions","completion_window":"24h",)"
            R"("metadata":{"harvest_token":"t1"}})");
  CHECK(followed(openai(), "batch_1", {"f-1", "f/2"}, "batch_9") ==
        std::vector<std::string>{"GET /batches/batch_1\n" + kAccept, "POST /batches/batch_1/cancel\n" + kAccept,
                                 "GET /batches?limit=100\n" + kAccept,
                                 "GET /batches?limit=100&after=batch_9\n" + kAccept,
                                 "GET /files/f-1/content\nAccept: */*\n", "GET /files/f%2F2/content\nAccept: */*\n"});
}

TEST_CASE("openai: each of its calls is named in lines as it is online", "[batch]") {
  for (const auto& [name, url] :
       {std::pair("openai-responses", "/v1/responses"), {"openai-completions", "/v1/completions"}}) {
    const BatchTeacher teacher(name, "https://api.openai.com/v1");
    CHECK(uploaded(teacher).find("\"url\":\"" + std::string(url) + '"') != std::string::npos);
    CHECK(created(teacher, "f").find("\"endpoint\":\"" + std::string(url) + '"') != std::string::npos);
    CHECK("/v1" + teacher.member("k").request.path == url);
  }
}

TEST_CASE("azure: the deployment is named in lines, below its own paths", "[batch]") {
  const std::string url = "/chat/completions", version = "?api-version=2024-10-21";
  CHECK(uploaded(azure()) ==
        "POST /openai/files" + version + "\n" + form(openai_line("k-1", "hi", url) + openai_line("k-2", "ho", url)));
  CHECK(created(azure(), "f")
            .starts_with("POST /openai/batches" + version + "\n" + kJson +
                         R"({"input_file_id":"f","endpoint":"/chat/completions")"));
  CHECK(followed(azure(), "b", {"f"}, "p") ==
        std::vector<std::string>{"GET /openai/batches/b" + version + "\n" + kAccept,
                                 "POST /openai/batches/b/cancel" + version + "\n" + kAccept,
                                 "GET /openai/batches" + version + "&limit=100\n" + kAccept,
                                 "GET /openai/batches" + version + "&limit=100&after=p\n" + kAccept,
                                 "GET /openai/files/f/content" + version + "\nAccept: */*\n"});
  const BatchTeacher newer("azure-openai", "https://res.openai.azure.com/openai/v1");
  CHECK(uploaded(newer) == "POST /files\n" + form(openai_line("k-1", "hi", url) + openai_line("k-2", "ho", url)));
}

TEST_CASE("mistral: members go with the job", "[batch]") {
  CHECK_FALSE(mistral().batches().upload({}, {}));
  CHECK(
      created(mistral()) ==
      "POST /batch/jobs\n" + kJson +
          R"({"endpoint":"/v1/chat/completions","model":"m-1","timeout_hours":24,"metadata":{"harvest_token":"t1"},)"
          R"("requests":[)"
          R"({"custom_id":"k-1","body":{"model":"m-1","messages":[{"role":"user","content":"hi"}],"max_tokens":5}},)"
          R"({"custom_id":"k-2","body":{"model":"m-1","messages":[{"role":"user","content":"ho"}],"max_tokens":5}}]})");
  CHECK(followed(mistral(), "j", {"f"}, "3") ==
        std::vector<std::string>{"GET /batch/jobs/j\n" + kAccept, "POST /batch/jobs/j/cancel\n" + kAccept,
                                 "GET /batch/jobs?page=0&page_size=100&order_by=-created\n" + kAccept,
                                 "GET /batch/jobs?page=3&page_size=100&order_by=-created\n" + kAccept,
                                 "GET /files/f/content\nAccept: */*\n"});
}

TEST_CASE("anthropic: members go with the batch, and each request states the version", "[batch]") {
  CHECK(
      created(anthropic()) ==
      "POST /v1/messages/batches\n" + kJson + kVersion +
          R"({"requests":[)"
          R"({"custom_id":"k-1","params":{"model":"m-1","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}},)"
          R"({"custom_id":"k-2","params":{"model":"m-1","max_tokens":5,"messages":[{"role":"user","content":"ho"}]}}]})");
  const std::string path = "/v1/messages/batches", heads = "\n" + kAccept + kVersion;
  CHECK(followed(anthropic(), "b", {"https://elsewhere/x"}, "p") ==
        std::vector<std::string>{"GET " + path + "/b" + heads, "POST " + path + "/b/cancel" + heads,
                                 "GET " + path + "?limit=100" + heads, "GET " + path + "?limit=100&after_id=p" + heads,
                                 "GET " + path + "/b/results\nAccept: */*\n" + kVersion});
  BatchTeacher other("anthropic-messages", "https://api.anthropic.com/v1/");
  other.teacher.set_api_version("2099-01-01");
  CHECK(told(other.batches().look(other.teacher, "b")) ==
        "GET /messages/batches/b\n" + kAccept + "anthropic-version: 2099-01-01\n");
}

TEST_CASE("gemini: members go with the batch, whose path names the model", "[batch]") {
  CHECK(
      created(gemini()) ==
      "POST /models/m-1:batchGenerateContent\n" + kJson +
          R"({"batch":{"displayName":"harvest-t1","inputConfig":{"requests":{"requests":[)"
          R"({"request":{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"maxOutputTokens":5}},)"
          R"("metadata":{"key":"k-1"}},)"
          R"({"request":{"contents":[{"role":"user","parts":[{"text":"ho"}]}],"generationConfig":{"maxOutputTokens":5}},)"
          R"("metadata":{"key":"k-2"}}]}}}})");
  CHECK(followed(gemini(), "batches/b", {}, "p") ==
        std::vector<std::string>{"GET /batches/b\n" + kAccept, "POST /batches/b:cancel\n" + kJson + "{}",
                                 "GET /batches?pageSize=100\n" + kAccept,
                                 "GET /batches?pageSize=100&pageToken=p\n" + kAccept, "GET /batches/b\n" + kAccept});
  CHECK(followed(gemini(), "batches/b", {"files/r"}, "p").back() == "GET /files/r:download?alt=media\nAccept: */*\n");
}

TEST_CASE("no member asks for a stream", "[batch]") {
  for (const BatchTeacher& teacher : {openai(), azure(), mistral(), anthropic(), gemini()})
    CHECK(teacher.member("k").request.body.find("\"stream\"") == std::string::npos);
}

TEST_CASE("a boundary that members hold is another one", "[batch]") {
  const BatchTeacher teacher = openai();
  const std::array members{teacher.member("k-1", "--harvest-t1"), teacher.member("k-2", "--harvest-t1-1")};
  const auto request = *teacher.batches().upload(teacher.teacher, {.token = "t1", .members = members});
  CHECK(request.headers->front().second == "multipart/form-data; boundary=harvest-t1-2");
  const std::string long_token(200, 'x');
  const auto other = *teacher.batches().upload(teacher.teacher, {.token = long_token, .members = members});
  CHECK(other.headers->front().second.size() < std::string("multipart/form-data; boundary=").size() + 71);
}

TEST_CASE("a member stays on its line whatever white space its body holds", "[batch]") {
  const BatchTeacher teacher = openai();
  std::array members{teacher.member("k-1")};
  members[0].request.body = "{\"a\":\r\n 1,\"b\":\"\\n\"}\n";
  const std::string text = told(*teacher.batches().upload(teacher.teacher, {.token = "t1", .members = members}));
  CHECK(text.find("\"body\":{\"a\":   1,\"b\":\"\\n\"} }\n") != std::string::npos);
  const BatchTeacher bare = azure();
  members[0].request.body = "{}";
  CHECK(told(*bare.batches().upload(bare.teacher, {.token = "t1", .members = members}))
            .find(R"("body":{"model":"m-1"}})") != std::string::npos);
}

TEST_CASE("what a batch may hold leaves room for what goes around its members", "[batch]") {
  for (const auto& [teacher, most] : {std::pair(openai(), 200'000'000U),
                                      {azure(), 200'000'000U},
                                      {anthropic(), 256'000'000U},
                                      {gemini(), 20'000'000U},
                                      {mistral(), 512'000'000U}}) {
    const dialect::BatchLimits limits = teacher.batches().limits();
    BatchMember member{.custom_id = std::string(64, 'k'), .request = {}};
    member.request.body = "{}";
    const std::vector<BatchMember> members(1000, member);
    const BatchOrder order{.token = "t1", .members = members};
    const auto upload = teacher.batches().upload(teacher.teacher, order);
    const size_t bytes = (upload ? *upload : teacher.batches().create(teacher.teacher, order, "")).body.size();
    CHECK(limits.body_bytes_max + bytes / 1000 * limits.members_max < most);
  }
}

TEST_CASE("a file is known by its id", "[batch]") {
  CHECK(*openai().batches().read_file(R"({"id":"file-1","object":"file"})") == "file-1");
  for (const char* body : {"", "[]", "{}", R"({"id":null})", R"({"id":7})", R"({"id":""})", "{\"id\":\"f\""})
    CHECK(absl::IsInvalidArgument(openai().batches().read_file(body).status()));
  CHECK_FALSE(anthropic().batches().read_file(R"({"id":"f"})").ok());
}

TEST_CASE("openai: every status is told", "[batch]") {
  for (const BatchTeacher& teacher : {openai(), azure()}) {
    for (const char* word : {"validating", "in_progress", "finalizing", "cancelling", "paused_by_moon"}) {
      const BatchStanding standing = stands(teacher, with_status("status", word));
      CHECK(standing.stage == Stage::kRunning);
      CHECK(standing.vendor_status == word);
    }
    for (const char* word : {"completed", "expired", "cancelled"})
      CHECK(stands(teacher, with_status("status", word)).stage == Stage::kEnded);
    CHECK(stands(teacher, with_status("status", "failed")).stage == Stage::kFailed);
  }
  const BatchStanding standing = stands(openai(), R"({"id":"batch_1","status":"completed","created_at":1800000000,
    "output_file_id":"o","error_file_id":"e","request_counts":{"total":3,"completed":2,"failed":1},
    "metadata":{"harvest_token":"t1"},"errors":null})");
  CHECK(standing.id == "batch_1");
  CHECK(standing.token == "t1");
  CHECK(standing.created_at_us == 1800000000'000000);
  CHECK(standing.members == 3);
  CHECK(standing.result_files == std::vector<std::string>{"o", "e"});
  CHECK(standing.complaints.empty());
}

TEST_CASE("azure: counts and names may be null", "[batch]") {
  const BatchStanding standing = stands(azure(), R"({"id":"b","status":"in_progress","created_at":null,
    "output_file_id":null,"error_file_id":"","request_counts":{"total":null},"metadata":null,"errors":{"data":null}})");
  CHECK(standing.stage == Stage::kRunning);
  CHECK(standing.members == 0);
  CHECK(standing.created_at_us == 0);
  CHECK(standing.result_files.empty());
}

TEST_CASE("openai: a failed batch says what is wrong, and with which line", "[batch]") {
  const BatchStanding standing = stands(openai(), R"({"id":"b","status":"failed","errors":{"object":"list","data":[
    {"code":"invalid_json_line","message":"This line is \u0007 not JSON.","param":null,"line":7}, 3,
    {"code":"empty_batch","message":"Nothing in it.","line":null}]}})");
  REQUIRE(standing.complaints.size() == 2);
  CHECK(standing.complaints[0].line == 7);
  CHECK(standing.complaints[0].code == "invalid_json_line");
  CHECK(standing.complaints[0].message == "This line is not JSON.");
  CHECK(standing.complaints[1].line == 0);
  CHECK_FALSE(standing.queue_full);
}

TEST_CASE("openai: a full queue is told from what is wrong with a batch", "[batch]") {
  const auto full = [](const std::string& status, const std::string& code, const std::string& message) {
    return stands(azure(), R"({"id":"b","status":")" + status + R"(","errors":{"data":[{"code":")" + code +
                               R"(","message":")" + message + R"("}]}})")
        .queue_full;
  };
  CHECK(full("failed", "token_limit_exceeded", "Enqueued token limit reached"));
  CHECK(full("failed", "quota", "Too many enqueued tokens in this region."));
  CHECK_FALSE(full("failed", "too_many_tasks", "The number of requests is more than 100000."));
  CHECK_FALSE(full("completed", "token_limit_exceeded", ""));
}

TEST_CASE("what failed with results has ended", "[batch]") {
  CHECK(stands(azure(), R"({"id":"b","status":"failed","request_counts":{"total":2,"completed":1}})").stage ==
        Stage::kEnded);
  CHECK(stands(mistral(), R"({"id":"b","status":"FAILED","succeeded_requests":1})").stage == Stage::kEnded);
  CHECK(stands(gemini(), R"({"name":"b","metadata":{"state":"BATCH_STATE_FAILED",)"
                         R"("batchStats":{"successfulRequestCount":"1"}}})")
            .stage == Stage::kEnded);
  CHECK(stands(openai(), R"({"id":"b","status":"failed","output_file_id":"o"})").stage == Stage::kEnded);
  CHECK(stands(mistral(), R"({"id":"b","status":"FAILED","output_file":"o"})").stage == Stage::kEnded);
  CHECK(stands(gemini(), R"({"name":"batches/b","metadata":{"state":"BATCH_STATE_FAILED",
    "output":{"inlinedResponses":{"inlinedResponses":[{}]}}}})")
            .stage == Stage::kEnded);
}

TEST_CASE("mistral: every status is told", "[batch]") {
  for (const char* word : {"QUEUED", "RUNNING", "CANCELLATION_REQUESTED", "NEW_WORD"})
    CHECK(stands(mistral(), with_status("status", word)).stage == Stage::kRunning);
  for (const char* word : {"SUCCESS", "TIMEOUT_EXCEEDED", "CANCELLED"})
    CHECK(stands(mistral(), with_status("status", word)).stage == Stage::kEnded);
  const BatchStanding standing = stands(mistral(), R"({"id":"j","status":"FAILED","created_at":1800000000,
    "total_requests":4,"metadata":{"harvest_token":"t1"},"output_file":null,"errors":[{"message":"bad","count":2}]})");
  CHECK(standing.stage == Stage::kFailed);
  CHECK(standing.members == 4);
  CHECK(standing.token == "t1");
  REQUIRE(standing.complaints.size() == 1);
  CHECK(standing.complaints[0].message == "bad");
}

TEST_CASE("anthropic: every status is told", "[batch]") {
  for (const char* word : {"in_progress", "canceling", "sleeping"})
    CHECK(stands(anthropic(), with_status("processing_status", word)).stage == Stage::kRunning);
  const BatchStanding standing = stands(anthropic(), R"({"id":"msgbatch_1","processing_status":"ended",
    "request_counts":{"processing":0,"succeeded":3,"errored":1,"canceled":2,"expired":1},
    "created_at":"2026-11-20T00:00:00.5Z","results_url":"https://elsewhere/results"})");
  CHECK(standing.stage == Stage::kEnded);
  CHECK(standing.members == 7);
  CHECK(standing.created_at_us == 1795132800'500000);
  CHECK(standing.token.empty());
  CHECK(standing.result_files.empty());
  CHECK_FALSE(anthropic().batches().keeps_token());
}

TEST_CASE("gemini: every state is told", "[batch]") {
  const auto stage = [](const std::string& state) {
    return stands(gemini(), R"({"name":"batches/b","metadata":{"state":")" + state + R"("}})").stage;
  };
  for (const char* word : {"BATCH_STATE_PENDING", "BATCH_STATE_RUNNING", "BATCH_STATE_UNSPECIFIED", "NEW", ""})
    CHECK(stage(word) == Stage::kRunning);
  for (const char* word : {"BATCH_STATE_SUCCEEDED", "BATCH_STATE_CANCELLED", "BATCH_STATE_EXPIRED",
                           "JOB_STATE_SUCCEEDED", "JOB_STATE_PARTIALLY_SUCCEEDED"})
    CHECK(stage(word) == Stage::kEnded);
  BatchStanding standing = stands(gemini(), R"({"name":"batches/b","done":true,"metadata":{"displayName":"harvest-t1",
    "createTime":"2026-11-20T00:00:00Z","batchStats":{"requestCount":"12"},"state":"BATCH_STATE_SUCCEEDED",
    "output":{"responsesFile":"files/r"}},"response":{"responsesFile":"files/r"}})");
  CHECK(standing.id == "batches/b");
  CHECK(standing.token == "t1");
  CHECK(standing.members == 12);
  CHECK(standing.created_at_us == 1795132800'000000);
  CHECK(standing.result_files == std::vector<std::string>{"files/r"});
  standing = stands(gemini(), R"({"name":"batches/b","metadata":{"state":"BATCH_STATE_FAILED","displayName":"other"},
    "error":{"code":8,"message":"too much"}})");
  CHECK(standing.stage == Stage::kFailed);
  CHECK(standing.token.empty());
  CHECK(standing.queue_full);
  REQUIRE(standing.complaints.size() == 1);
  CHECK(standing.complaints[0].code == "8");
}

TEST_CASE("a list is read page by page", "[batch]") {
  const std::string two = R"({"data":[{"id":"b2"},{"id":null},4,{"id":"b1"}],"has_more":true,"last_id":"b1"})";
  for (const BatchTeacher& teacher : {openai(), anthropic()}) {
    const auto page = teacher.batches().read_page(two, "");
    REQUIRE(page.ok());
    CHECK(page->batches.size() == 2);
    CHECK(page->next == "b1");
    CHECK(teacher.batches().read_page(R"({"data":[],"has_more":false,"last_id":null})", "x")->next.empty());
  }
  CHECK(gemini().batches().read_page(R"({"operations":[{"name":"batches/b"}],"nextPageToken":"n"})", "")->next == "n");
  CHECK(gemini().batches().read_page("{}", "")->batches.empty());
  const std::string jobs = R"({"data":[{"id":"j"}],"total":201})";
  CHECK(mistral().batches().read_page(jobs, "")->next == "1");
  CHECK(mistral().batches().read_page(jobs, "1")->next == "2");
  CHECK(mistral().batches().read_page(jobs, "2")->next.empty());
  CHECK(mistral().batches().read_page(R"({"data":[{"id":"j"}],"total":100})", "")->next.empty());
}

TEST_CASE("a list that is none is no empty list", "[batch]") {
  for (const BatchTeacher& teacher : {openai(), azure(), mistral(), anthropic(), gemini()})
    for (const char* body : {"", "[]", "null", "{\"data\":[]", R"({"data":{},"operations":{}})"})
      CHECK(absl::IsInvalidArgument(teacher.batches().read_page(body, "").status()));
}

TEST_CASE("a standing survives whatever its fields hold", "[batch]") {
  const std::array<std::string, 5> whole{
      R"({"id":"b","status":"failed","created_at":1,"output_file_id":"o","metadata":{"harvest_token":"t"},)"
      R"("request_counts":{"total":1},"errors":{"data":[{"code":"c","message":"m","line":1}]}})",
      R"({"id":"b","status":"FAILED","created_at":1,"output_file":"o","total_requests":1,"errors":[{"message":"m"}]})",
      R"({"id":"b","processing_status":"ended","request_counts":{"processing":1},"created_at":"2026-11-20T00:00:00Z"})",
      R"({"name":"b","error":{"code":8},"response":{"responsesFile":"f"},"metadata":{"state":"X","batchStats":{}}})",
      R"({"data":[{"id":"b"}],"operations":[{"name":"b"}],"has_more":true,"last_id":"b","total":500})"};
  const std::array<std::string, 9> values{"null", "true", "-1",          "1e300",          "18446744073709551616",
                                          "\"\"", "[[]]", "{\"id\":{}}", "\"\\u0000/../\""};
  for (const BatchTeacher& teacher : {openai(), azure(), mistral(), anthropic(), gemini()}) {
    const auto read = [&](const std::string& body) {
      const auto standing = teacher.batches().read_standing(body);
      CHECK((standing.ok() ? !standing->id.empty() : absl::IsInvalidArgument(standing.status())));
      (void)teacher.batches().read_page(body, body).ok();
      if (standing.ok()) (void)teacher.batches().fetch(teacher.teacher, *standing);
    };
    for (const std::string& body : whole) {
      for (size_t cut = 0; cut < body.size(); ++cut) {
        CHECK(absl::IsInvalidArgument(teacher.batches().read_standing(body.substr(0, cut)).status()));
        CHECK_FALSE(teacher.batches().read_page(body.substr(0, cut), "").ok());
      }
      for (size_t colon = body.find(':'); colon != std::string::npos; colon = body.find(':', colon + 1))
        for (const std::string& value : values) {
          size_t end = colon + 1;
          while (end < body.size() && body[end] != ',' && body[end] != '}') ++end;
          read(body.substr(0, colon + 1) + value + body.substr(end));
        }
    }
  }
}
