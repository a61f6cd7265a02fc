// Google's batchGenerateContent with requests in the body, and the operations that look after it.
#include <algorithm>

#include "tests/teachersim/batches/batch_clerk.h"
#include "tests/teachersim/dialects/anthropic_wording.h"
#include "tests/teachersim/dialects/fields.h"
#include "tests/teachersim/dialects/query_text.h"

namespace teachersim {
namespace {

namespace json = boost::json;
using State = BatchLine::State;

constexpr std::string_view kMethod = ":batchGenerateContent";
constexpr std::string_view kType = "type.googleapis.com/google.ai.generativelanguage.v1main.";

Reply gemini_reply(const json::object& body) {
  return {
      .content_type = "application/json; charset=UTF-8", .headers = {}, .body = json::serialize(body), .events = {}};
}

class GeminiClerk : public BatchClerk {
 public:
  explicit GeminiClerk(const BatchRoom& room)
      : room_(room), voice_(*dialect_for(room, "/v1beta/models/m:generateContent")) {}

  bool serves(std::string_view /*method*/, std::string_view path) const override {
    return path.ends_with(kMethod) || path.find("/v1beta/batches") != std::string_view::npos;
  }
  const Dialect& voice() const override { return voice_; }

  Reply serve(const Call& call, const Moment& now) override {
    if (call.path.ends_with(kMethod)) {
      try {
        return create(call, now);
      } catch (const Mistake& mistake) {
        return voice_.reply(batch_mistake(mistake.where + ": " + mistake.what));
      }
    }
    std::string_view id = segment_after(call.path, "/batches/");
    const bool cancel = id.ends_with(":cancel");
    if (cancel) id.remove_suffix(7);
    if (id.empty()) return list();
    Batch* batch = room_.batches.find("gemini", id);
    if (batch == nullptr) return voice_.reply(no_such_batch(id));
    if (cancel) room_.batches.cancel(*batch, now);
    if (call.method == "DELETE") room_.batches.remove(*batch, now);
    if (cancel || call.method == "DELETE") return gemini_reply({});
    return gemini_reply(describe(*batch, true));
  }

 private:
  Reply create(const Call& call, const Moment& now) {
    const json::object body = parse_object(call.body);
    const Fields fields(body);
    fields.required("batch");
    const Fields wanted = fields.part("batch");
    const Fields input = wanted.part("inputConfig");
    if (!input.has("requests")) input.fail("requests", "only requests in the body are understood here");
    const json::array& requests = input.part("requests").list("requests");
    if (requests.empty()) input.fail("requests", "must not be empty");
    if (static_cast<std::int64_t>(requests.size()) > room_.plan.lines_max)
      input.fail("requests", "more than " + std::to_string(room_.plan.lines_max));
    const std::string_view at = call.path.substr(0, call.path.size() - kMethod.size());
    Batch draft;
    draft.door = "gemini";
    draft.model = at.substr(at.rfind('/') + 1);
    draft.endpoint = wanted.text("displayName");
    const std::string path = "/v1beta/models/" + draft.model + ":generateContent";
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const Fields request(requests[i], input.where("requests", i));
      BatchLine line;
      if (const json::value* metadata = request.find("metadata")) line.metadata = *metadata;
      const Fields known = request.part("metadata");
      line.custom_id = known.has("key") ? std::string(known.text("key")) : std::to_string(i);
      const std::string text = json::serialize(request.required("request"));
      read_line(line, voice_, Call{.method = "POST", .path = path, .body = text});
      draft.lines.push_back(std::move(line));
    }
    if (room_.batches.is_full_for(draft)) {
      return voice_.reply(
          {Trouble::Kind::kThrottled, 429, "Enqueued token limit reached for " + draft.model + ".", "", {}});
    }
    return gemini_reply(describe(room_.batches.add(std::move(draft), "", now), false));
  }

  Reply list() {
    constexpr std::size_t kAll = 1000;
    json::array operations;
    for (const Batch* batch : room_.batches.list("gemini", "", kAll)) operations.push_back(describe(*batch, false));
    return gemini_reply({{"operations", std::move(operations)}});
  }

  static std::string_view state_of(const Batch& batch) {
    switch (batch.state) {
      case Batch::State::kRunning:
        return batch.touched == 0 ? "BATCH_STATE_PENDING" : "BATCH_STATE_RUNNING";
      case Batch::State::kEnded:
        return "BATCH_STATE_SUCCEEDED";
      case Batch::State::kCancelled:
        return "BATCH_STATE_CANCELLED";
      case Batch::State::kExpired:
        return "BATCH_STATE_EXPIRED";
      case Batch::State::kFailed:
        break;
    }
    return "BATCH_STATE_FAILED";
  }

  /// One for each request, in their order.
  static json::array responses_of(const Batch& batch) {
    json::array responses;
    for (const BatchLine& line : batch.lines) {
      json::object one;
      if (line.state == State::kAnswered) {
        one["response"] = json::parse(line.body);
      } else if (line.state == State::kFailed) {
        json::object error = json::parse(line.body).at("error").as_object();
        // A status of gRPC's: its codes are numbers of another kind.
        constexpr int kInvalidArgument = 3;
        constexpr int kInternal = 13;
        error["code"] = line.status < 500 ? kInvalidArgument : kInternal;
        error.erase("status");
        one["error"] = std::move(error);
      } else {
        one["error"] = json::object{{"code", 4}, {"message", "The batch ended before this request was worked on."}};
      }
      if (!line.metadata.is_null()) one["metadata"] = line.metadata;
      responses.push_back(std::move(one));
    }
    return responses;
  }

  static json::object describe(const Batch& batch, bool with_results) {
    const auto total = static_cast<std::int64_t>(batch.lines.size());
    const std::int64_t good = batch.count(State::kAnswered);
    const std::int64_t waiting = batch.count(State::kWaiting);
    const std::string name = "batches/" + batch.id;
    json::object metadata{{"@type", std::string(kType) + "GenerateContentBatch"},
                          {"model", "models/" + batch.model},
                          {"displayName", batch.endpoint},
                          {"createTime", rfc3339(batch.created_s)},
                          {"updateTime", rfc3339(std::max(batch.created_s, batch.ended_s))},
                          {"batchStats",
                           {{"requestCount", std::to_string(total)},
                            {"successfulRequestCount", std::to_string(good)},
                            {"failedRequestCount", std::to_string(total - good - waiting)},
                            {"pendingRequestCount", std::to_string(waiting)}}},
                          {"state", state_of(batch)},
                          {"name", name}};
    json::object operation{{"name", name}};
    if (!batch.is_running()) {
      metadata["endTime"] = rfc3339(batch.ended_s);
      operation["done"] = true;
      if (with_results) {
        json::object output{{"inlinedResponses", json::object{{"inlinedResponses", responses_of(batch)}}}};
        metadata["output"] = output;
        output["@type"] = std::string(kType) + "GenerateContentBatchOutput";
        operation["response"] = std::move(output);
      }
    }
    operation["metadata"] = std::move(metadata);
    return operation;
  }

  const BatchRoom room_;
  const Dialect& voice_;
};

}  // namespace

std::unique_ptr<BatchClerk> gemini_batch_clerk(const BatchRoom& room) {
  return std::make_unique<GeminiClerk>(room);
}

}  // namespace teachersim
