// How batches are told to stand at their vendors; what they are asked for with is in batches_test.
#include "tests/dialect/batch_teacher.h"

using namespace harvest;
using namespace harvest::testing;
using dialect::BatchPage;
using dialect::BatchStanding;
using Stage = dialect::BatchStanding::Stage;

namespace {

BatchStanding stands(const BatchTeacher& teacher, const std::string& body) {
  INFO(body);
  const auto standing = teacher.batches().read_standing(body);
  REQUIRE(standing.ok());
  return *standing;
}

std::string with_status(const std::string& key, const std::string& word) {
  return R"({"id":"b","name":"batches/b",")" + key + R"(":")" + word + R"("})";
}

}  // namespace

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

TEST_CASE("what a failed batch complains of is heard as online", "[batch]") {
  const auto heard = [](const BatchTeacher& teacher, const std::string& body) {
    const BatchStanding standing = stands(teacher, body);
    REQUIRE(standing.complaints.size() == 1);
    return teacher.dialect.decode(standing.complaints[0].told, 0);
  };
  const auto openai_code = [&](const std::string& code) {
    return heard(openai(), R"({"id":"b","status":"failed","errors":{"data":[{"code":")" + code +
                               R"(","message":"No.","line":null}]}})");
  };
  CHECK(openai_code("model_not_found").halt_cause == dialect::HaltCause::kModel);
  CHECK(openai_code("billing_hard_limit_reached").halt_cause == dialect::HaltCause::kBilling);
  CHECK(openai_code("invalid_json_line").kind == v1::REJECTED);
  CHECK(openai_code("invalid_json_line").reason() == "invalid_json_line: No.");
  CHECK(openai_code("server_error").kind == v1::FAULTED);
  const auto gemini_code = [&](const std::string& code) {
    return heard(gemini(), R"({"name":"batches/b","metadata":{"state":"BATCH_STATE_FAILED"},"error":{"code":)" + code +
                               R"(,"message":"No."}})");
  };
  CHECK(gemini_code("7").halt_cause == dialect::HaltCause::kAccess);
  CHECK(gemini_code("3").kind == v1::REJECTED);
  CHECK(gemini_code("13").kind == v1::FAULTED);
  CHECK(gemini_code("403").halt_cause == dialect::HaltCause::kAccess);
  CHECK(heard(mistral(), R"({"id":"j","status":"FAILED","errors":[{"message":"bad","count":2}]})").kind ==
        v1::REJECTED);
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

TEST_CASE("files of a batch that is taken over are deleted where they count against the account", "[batch]") {
  const std::string accept = "Accept: application/json\n";
  const auto deleted = [](const BatchTeacher& teacher, const std::string& body) {
    std::vector<std::string> all;
    for (const dialect::HttpRequest& request : teacher.batches().clean_up(teacher.teacher, stands(teacher, body)))
      all.push_back(told(request));
    return all;
  };
  CHECK(deleted(openai(), R"({"id":"b","status":"completed","input_file_id":"f/1","output_file_id":"o"})") ==
        std::vector<std::string>{"DELETE /files/f%2F1\n" + accept, "DELETE /files/o\n" + accept});
  CHECK(deleted(mistral(), R"({"id":"j","status":"SUCCESS","output_file":"o","error_file":null})") ==
        std::vector<std::string>{"DELETE /files/o\n" + accept});
  CHECK(deleted(azure(), R"({"id":"b","status":"failed","input_file_id":"f"})").size() == 1);
  CHECK(deleted(anthropic(), R"({"id":"b","processing_status":"ended"})").empty());
  CHECK(deleted(gemini(), R"({"name":"batches/b","metadata":{"state":"BATCH_STATE_SUCCEEDED"}})").empty());
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

TEST_CASE("an empty page, and a full one without a total, are not the end of a list", "[batch]") {
  const auto page = gemini().batches().read_page(R"({"nextPageToken":"t2"})", "");
  REQUIRE(page.ok());
  CHECK(page->next == "t2");
  const auto jobs = [](int count, const std::string& total) {
    std::string body = R"({"data":[)";
    for (int i = 0; i < count; ++i) body += std::string(i > 0 ? "," : "") + R"({"id":"j","status":"RUNNING"})";
    return mistral().batches().read_page(body + "]" + total + "}", "")->next;
  };
  CHECK(jobs(100, "") == "1");
  CHECK(jobs(99, "") == "");
  CHECK(jobs(100, R"(,"total":100)") == "");
  CHECK(jobs(100, R"(,"total":101)") == "1");
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
