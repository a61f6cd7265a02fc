// What batches are asked for with; how they are told to stand is in batch_standing_test, what became of their members
// in batch_results_test.
#include <array>

#include "tests/dialect/batch_teacher.h"

using namespace harvest;
using namespace harvest::testing;
using dialect::BatchMember;
using dialect::BatchOrder;
using dialect::BatchStanding;

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
