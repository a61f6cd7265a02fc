// Mistral's batch jobs: requests in files or in the body.
#include <algorithm>

#include "tests/teachersim/batches/batch_clerk.h"
#include "tests/teachersim/dialects/chat_completions.h"
#include "tests/teachersim/dialects/fields.h"
#include "tests/teachersim/dialects/query_text.h"

namespace teachersim {
namespace {

namespace json = boost::json;
using State = BatchLine::State;

constexpr std::string_view kBatchJobs = "/batch/jobs";

json::object mistral_result(const BatchLine& line) {
  json::object result{
      {"id", "batch-line-" + line.id}, {"custom_id", line.custom_id}, {"response", nullptr}, {"error", nullptr}};
  if (line.state == State::kAnswered || line.state == State::kFailed) {
    json::object response{{"status_code", line.status}, {"body", json::parse(line.body)}};
    if (line.state == State::kFailed) result["error"] = response.at("body");
    result["response"] = std::move(response);
  } else {
    result["error"] = json::object{{"message", "The job ended before this request was worked on."}};
  }
  return result;
}

class MistralClerk : public BatchClerk {
 public:
  explicit MistralClerk(const BatchRoom& room) : room_(room), chat_(room.shape, *find_chat_vendor("mistral")) {}

  bool serves(std::string_view /*method*/, std::string_view path) const override {
    return path.find(kBatchJobs) != std::string_view::npos;
  }
  const Dialect& voice() const override { return chat_; }

  Reply serve(const Call& call, const Moment& now) override {
    const std::string_view id = segment_after(call.path, "/batch/jobs/");
    if (id.empty()) {
      try {
        return call.method == "GET" ? list() : create(call, now);
      } catch (const Mistake& mistake) {
        return chat_.reply(batch_mistake(mistake.what, mistake.where));
      }
    }
    Batch* batch = room_.batches.find("mistral", id);
    if (batch == nullptr) return chat_.reply(no_such_batch(id));
    if (call.path.ends_with("/cancel")) room_.batches.cancel(*batch, now);
    return json_reply(describe(*batch));
  }

  void finish(Batch& batch, const Moment& now) override {
    if (batch.door != "mistral") return;
    std::string results;
    std::string errors;
    for (auto line = batch.lines.rbegin(); line != batch.lines.rend(); ++line)
      (line->state == State::kAnswered ? results : errors) += json::serialize(mistral_result(*line)) + "\n";
    const std::int64_t now_s = now.utc_us / 1'000'000;
    if (!results.empty()) batch.output_file = room_.files.add("output.jsonl", "batch", results, now_s).id;
    if (!errors.empty()) batch.error_file = room_.files.add("errors.jsonl", "batch", errors, now_s).id;
  }

 private:
  Reply create(const Call& call, const Moment& now) {
    const json::object body = parse_object(call.body);
    const Fields fields(body);
    fields.only({"input_files", "requests", "endpoint", "model", "agent_id", "metadata", "timeout_hours"},
                "Extra inputs are not permitted");
    Batch draft;
    draft.door = "mistral";
    draft.endpoint = fields.required_text("endpoint");
    draft.model = fields.text("model");
    if (const json::value* metadata = fields.find("metadata")) draft.metadata = *metadata;
    const std::vector<std::string> files = fields.strings("input_files", 100);
    for (const json::value& request : fields.list("requests")) add_line(draft, request);
    for (const std::string& id : files) {
      const StoredFile* file = room_.files.find(id);
      if (file == nullptr) fields.fail("input_files", "File not found: " + id);
      draft.input_file = id;
      add_lines(draft, file->content);
    }
    if (draft.lines.empty()) fields.fail("input_files", "No requests were given");
    if (static_cast<std::int64_t>(draft.lines.size()) > room_.plan.lines_max)
      fields.fail("requests", "More than " + std::to_string(room_.plan.lines_max) + " requests");
    if (room_.batches.is_full_for(draft))
      return chat_.reply({Trouble::Kind::kThrottled, 429, "Too many requests are waiting in batches.", "", {}});
    return json_reply(describe(room_.batches.add(std::move(draft), "", now)));
  }

  void add_lines(Batch& draft, std::string_view content) {
    while (!content.empty()) {
      const std::size_t end = std::min(content.find('\n'), content.size());
      json::error_code error;
      const json::value line = json::parse(content.substr(0, end), error);
      if (end > 0 && error) throw Mistake{"input_files", "A line of the file is not JSON"};
      if (end > 0) add_line(draft, line);
      content.remove_prefix(std::min(end + 1, content.size()));
    }
  }

  /// The job's model stands for the one that bodies leave out.
  void add_line(Batch& draft, const json::value& request) {
    const Fields fields(request, "requests");
    BatchLine line;
    line.custom_id = fields.text("custom_id");
    json::object body = Fields(fields.required("body"), "requests.body").object();
    if (!body.contains("model")) body["model"] = draft.model;
    const std::string text = json::serialize(body);
    read_line(line, chat_, Call{.method = "POST", .path = draft.endpoint, .body = text});
    draft.lines.push_back(std::move(line));
  }

  Reply list() {
    constexpr std::size_t kAll = 1000;
    json::array data;
    for (const Batch* batch : room_.batches.list("mistral", "", kAll)) data.push_back(describe(*batch));
    const std::size_t total = data.size();
    return json_reply({{"object", "list"}, {"data", std::move(data)}, {"total", total}});
  }

  static std::string_view status_of(const Batch& batch) {
    switch (batch.state) {
      case Batch::State::kRunning:
        return batch.touched == 0 ? "QUEUED" : "RUNNING";
      case Batch::State::kEnded:
        return "SUCCESS";
      case Batch::State::kCancelled:
        return "CANCELLED";
      case Batch::State::kExpired:
        return "TIMEOUT_EXCEEDED";
      case Batch::State::kFailed:
        break;
    }
    return "FAILED";
  }

  static json::object describe(const Batch& batch) {
    auto id_or_null = [](const std::string& id) { return id.empty() ? json::value() : json::value(id); };
    const std::int64_t good = batch.count(State::kAnswered);
    const std::int64_t bad = batch.count(State::kFailed);
    json::array inputs;
    if (!batch.input_file.empty()) inputs.push_back(json::value(batch.input_file));
    return {{"id", batch.id},
            {"object", "batch"},
            {"input_files", std::move(inputs)},
            {"metadata", batch.metadata},
            {"endpoint", batch.endpoint},
            {"model", id_or_null(batch.model)},
            {"agent_id", nullptr},
            {"output_file", id_or_null(batch.output_file)},
            {"error_file", id_or_null(batch.error_file)},
            {"errors", json::array()},
            {"status", status_of(batch)},
            {"created_at", batch.created_s},
            {"total_requests", batch.lines.size()},
            {"completed_requests", good + bad},
            {"succeeded_requests", good},
            {"failed_requests", bad},
            {"started_at", batch.created_s},
            {"completed_at", batch.is_running() ? json::value() : json::value(batch.ended_s)}};
  }

  const BatchRoom room_;
  const ChatCompletions chat_;
};

}  // namespace

std::unique_ptr<BatchClerk> mistral_batch_clerk(const BatchRoom& room) {
  return std::make_unique<MistralClerk>(room);
}

}  // namespace teachersim
