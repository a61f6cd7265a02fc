// Anthropic's message batches: requests come in the body, results are lines to be fetched.
#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "tests/teachersim/batches/batch_clerk.h"
#include "tests/teachersim/dialects/anthropic_wording.h"
#include "tests/teachersim/dialects/fields.h"
#include "tests/teachersim/dialects/query_text.h"

namespace teachersim {
namespace {

namespace json = boost::json;
using State = BatchLine::State;

constexpr std::string_view kMessageBatches = "/v1/messages/batches";

json::object anthropic_result(const BatchLine& line) {
  switch (line.state) {
    case State::kAnswered:
      return {{"type", "succeeded"}, {"message", json::parse(line.body)}};
    case State::kFailed:
      return {{"type", "errored"}, {"error", json::parse(line.body)}};
    case State::kExpired:
      return {{"type", "expired"}};
    default:
      return {{"type", "canceled"}};
  }
}

/// In another order than they came in.
std::string results_of(const Batch& batch) {
  std::string text;
  for (auto line = batch.lines.rbegin(); line != batch.lines.rend(); ++line)
    text += json::serialize(json::object{{"custom_id", line->custom_id}, {"result", anthropic_result(*line)}}) + "\n";
  return text;
}

class AnthropicClerk : public BatchClerk {
 public:
  explicit AnthropicClerk(const BatchRoom& room) : room_(room), voice_(*dialect_for(room, "/v1/messages")) {}

  bool serves(std::string_view /*method*/, std::string_view path) const override {
    return path.find(kMessageBatches) != std::string_view::npos;
  }
  const Dialect& voice() const override { return voice_; }

  Reply serve(const Call& call, const Moment& now) override {
    const std::string_view id = segment_after(call.path, "/batches/");
    try {
      if (call.header("anthropic-version").empty()) throw Mistake{"", "anthropic-version: header is required"};
      if (id.empty()) return call.method == "GET" ? list(call) : create(call, now);
    } catch (const Mistake& mistake) {
      return voice_.reply(batch_mistake(mistake.where.empty() ? mistake.what : mistake.where + ": " + mistake.what));
    }
    Batch* batch = room_.batches.find("anthropic", id);
    if (batch == nullptr) return voice_.reply(no_such_batch(id));
    if (call.path.ends_with("/cancel")) room_.batches.cancel(*batch, now);
    if (call.path.ends_with("/results")) {
      if (batch->is_running()) return voice_.reply(batch_mistake("The batch has not ended yet."));
      return {.content_type = "application/x-jsonl", .headers = {}, .body = results_of(*batch), .events = {}};
    }
    if (call.method == "DELETE") {
      if (batch->is_running()) return voice_.reply(batch_mistake("A batch that is in progress cannot be deleted."));
      const std::string gone = batch->id;
      room_.batches.remove(*batch, now);
      return json_reply({{"id", gone}, {"type", "message_batch_deleted"}});
    }
    return json_reply(describe(*batch, call));
  }

 private:
  Reply create(const Call& call, const Moment& now) {
    const json::object body = parse_object(call.body);
    const Fields fields(body);
    fields.required("requests");
    const json::array& requests = fields.list("requests");
    if (requests.empty()) fields.fail("requests", "List should have at least 1 item");
    if (static_cast<std::int64_t>(requests.size()) > room_.plan.lines_max)
      fields.fail("requests", "List should have at most " + std::to_string(room_.plan.lines_max) + " items");
    Batch draft;
    draft.door = "anthropic";
    std::unordered_set<std::string> ids;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const Fields request(requests[i], fields.where("requests", i));
      BatchLine line;
      line.custom_id = request.required_text("custom_id");
      if (line.custom_id.size() > 64) request.fail("custom_id", "String should have at most 64 characters");
      if (!ids.insert(line.custom_id).second) request.fail("custom_id", "must be unique within the batch");
      // What is wrong with the parameters shows in the results only.
      const std::string params = json::serialize(request.required("params"));
      read_line(line, voice_,
                Call{.method = "POST",
                     .path = "/v1/messages",
                     .body = params,
                     .headers = "anthropic-version: 2023-06-01\r\n"});
      draft.lines.push_back(std::move(line));
    }
    if (room_.batches.is_full_for(draft)) {
      return voice_.reply({Trouble::Kind::kThrottled,
                           429,
                           "The number of batch requests in the processing queue would exceed your rate limit.",
                           "",
                           {}});
    }
    return json_reply(describe(room_.batches.add(std::move(draft), "msgbatch_", now), call));
  }

  Reply list(const Call& call) {
    std::size_t limit = 20;
    const std::string_view wanted = parameter(call.query, "limit");
    std::from_chars(wanted.data(), wanted.data() + wanted.size(), limit);
    limit = std::clamp<std::size_t>(limit, 1, 1000);
    std::vector<const Batch*> found = room_.batches.list("anthropic", parameter(call.query, "after_id"), limit + 1);
    const bool has_more = found.size() > limit;
    if (has_more) found.pop_back();
    json::array data;
    for (const Batch* batch : found) data.push_back(describe(*batch, call));
    return json_reply({{"data", std::move(data)},
                       {"has_more", has_more},
                       {"first_id", found.empty() ? json::value() : json::value(found.front()->id)},
                       {"last_id", found.empty() ? json::value() : json::value(found.back()->id)}});
  }

  json::object describe(const Batch& batch, const Call& call) const {
    const bool ended = !batch.is_running();
    const std::string host(call.header("host"));
    json::value results;
    if (ended)
      results = (host.empty() ? "" : room_.plan.scheme + "://" + host) + std::string(kMessageBatches) + "/" + batch.id +
                "/results";
    // All are told to be processing until the batch has ended.
    auto counted = [&](State state) { return ended ? batch.count(state) : 0; };
    const bool cancelled = batch.state == Batch::State::kCancelled;
    return {{"id", batch.id},
            {"type", "message_batch"},
            {"processing_status", ended ? "ended" : "in_progress"},
            {"request_counts",
             {{"processing", ended ? 0 : batch.lines.size()},
              {"succeeded", counted(State::kAnswered)},
              {"errored", counted(State::kFailed)},
              {"canceled", counted(State::kCancelled)},
              {"expired", counted(State::kExpired)}}},
            {"ended_at", ended ? json::value(rfc3339(batch.ended_s)) : json::value()},
            {"created_at", rfc3339(batch.created_s)},
            {"expires_at", rfc3339(batch.created_s + kBatchWindowSeconds)},
            {"archived_at", nullptr},
            {"cancel_initiated_at", cancelled ? json::value(rfc3339(batch.ended_s)) : json::value()},
            {"results_url", results}};
  }

  const BatchRoom room_;
  const Dialect& voice_;
};

}  // namespace

std::unique_ptr<BatchClerk> anthropic_batch_clerk(const BatchRoom& room) {
  return std::make_unique<AnthropicClerk>(room);
}

}  // namespace teachersim
