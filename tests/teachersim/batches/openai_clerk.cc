// OpenAI's files and batches, and Azure's under /openai.
#include <algorithm>
#include <charconv>

#include "tests/teachersim/batches/batch_clerk.h"
#include "tests/teachersim/batches/openai_lines.h"
#include "tests/teachersim/dialects/fields.h"
#include "tests/teachersim/dialects/query_text.h"

namespace teachersim {
namespace {

namespace json = boost::json;

std::size_t limit_of(std::string_view query, std::size_t otherwise) {
  const std::string_view text = parameter(query, "limit");
  std::size_t limit = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), limit);
  return std::clamp<std::size_t>(limit, 1, 100);
}

Reply line_reply(const json::object& body) {
  return {.headers = {}, .body = json::serialize(body) + "\n", .events = {}};
}

json::value id_or_null(const std::string& id) {
  return id.empty() ? json::value() : json::value(id);
}

/// Azure's paths are OpenAI's below "/openai"; its newer ones, below "/openai/v1", are as good as OpenAI's own.
bool is_azure(std::string_view path) {
  return path.starts_with("/openai/") && !path.starts_with("/openai/v1/");
}

class OpenAiClerk : public BatchClerk {
 public:
  OpenAiClerk(const BatchRoom& room, std::string door, const Dialect& voice)
      : room_(room), door_(std::move(door)), voice_(voice) {}

  bool serves(std::string_view /*method*/, std::string_view path) const override {
    const bool ours = is_azure(path) == (door_ == "azure");
    return ours && (path.find("/files") != std::string_view::npos || path.find("/batches") != std::string_view::npos);
  }
  const Dialect& voice() const override { return voice_; }

  Reply serve(const Call& call, const Moment& now) override {
    const bool files = call.path.find("/files") != std::string_view::npos;
    const std::string_view id = segment_after(call.path, files ? "/files/" : "/batches/");
    try {
      if (files) return serve_files(call, id, now);
      if (id.empty()) return call.method == "GET" ? list(call) : create(call, now);
      Batch* batch = room_.batches.find(door_, id);
      if (batch == nullptr) return voice().reply(no_such_batch(id));
      if (call.path.ends_with("/cancel")) room_.batches.cancel(*batch, now);
      return line_reply(describe(*batch));
    } catch (const Mistake& mistake) {
      return voice().reply(batch_mistake(mistake.what, mistake.where));
    }
  }

  void finish(Batch& batch, const Moment& now) override {
    if (batch.failure || batch.door != door_) return;
    const std::int64_t now_s = now.utc_us / 1'000'000;
    const std::string results = openai_results(batch, false);
    const std::string errors = openai_results(batch, true);
    if (!results.empty())
      batch.output_file = room_.files.add(batch.id + "_output.jsonl", "batch_output", results, now_s).id;
    // Azure has an error file in any case.
    if (!errors.empty() || door_ == "azure")
      batch.error_file = room_.files.add(batch.id + "_error.jsonl", "batch_output", errors, now_s).id;
  }

 private:
  Reply serve_files(const Call& call, std::string_view id, const Moment& now) {
    if (id.empty() && call.method == "GET")
      return line_reply({{"object", "list"}, {"data", room_.files.describe_all()}, {"has_more", false}});
    if (id.empty()) {
      StoredFile file;
      if (!read_upload(call, file)) throw Mistake{"file", "'file' is a required property"};
      if (file.purpose.empty()) throw Mistake{"purpose", "'purpose' is a required property"};
      return line_reply(
          room_.files
              .add(std::move(file.name), std::move(file.purpose), std::move(file.content), now.utc_us / 1'000'000)
              .describe());
    }
    const StoredFile* file = room_.files.find(id);
    if (file == nullptr)
      return voice().reply({Trouble::Kind::kBadRequest, 404, "No such File object: " + std::string(id), "id", {}});
    if (call.method == "DELETE") {
      room_.files.remove(id);
      return line_reply({{"id", id}, {"object", "file"}, {"deleted", true}});
    }
    if (!call.path.ends_with("/content")) return line_reply(file->describe());
    return {.content_type = "application/octet-stream", .headers = {}, .body = file->content, .events = {}};
  }

  Reply create(const Call& call, const Moment& now) {
    const json::object body = parse_object(call.body);
    const Fields fields(body);
    Batch draft;
    draft.door = door_;
    draft.input_file = fields.required_text("input_file_id");
    draft.endpoint = fields.required_text("endpoint");
    if (fields.required_text("completion_window") != "24h")
      fields.fail("completion_window", "Invalid value for 'completion_window': expected '24h'.");
    if (const json::value* metadata = fields.find("metadata")) {
      if (!metadata->is_object()) fields.fail("metadata", "Invalid type for 'metadata': expected an object.");
      draft.metadata = *metadata;
    }
    const StoredFile* file = room_.files.find(draft.input_file);
    if (file == nullptr) fields.fail("input_file_id", "No such File object: " + draft.input_file);
    read_openai_lines(draft, room_, file->content);
    if (!draft.failure && room_.batches.is_full_for(draft))
      draft.failure = Batch::Failure{"token_limit_exceeded",
                                     "Enqueued token limit reached for " + draft.model +
                                         " in organization org-sim. Please try again once some in_progress batches "
                                         "have been completed.",
                                     0};
    if (draft.failure) draft.lines.clear();
    return line_reply(describe(room_.batches.add(std::move(draft), "batch_", now)));
  }

  Reply list(const Call& call) {
    const std::size_t limit = limit_of(call.query, 20);
    std::vector<const Batch*> found = room_.batches.list(door_, parameter(call.query, "after"), limit + 1);
    const bool has_more = found.size() > limit;
    if (has_more) found.pop_back();
    json::array data;
    for (const Batch* batch : found) data.push_back(describe(*batch));
    return line_reply({{"object", "list"},
                       {"data", std::move(data)},
                       {"first_id", found.empty() ? json::value() : json::value(found.front()->id)},
                       {"last_id", found.empty() ? json::value() : json::value(found.back()->id)},
                       {"has_more", has_more}});
  }

  static std::string_view status_of(const Batch& batch) {
    switch (batch.state) {
      case Batch::State::kRunning:
        return batch.touched == 0 ? "validating" : "in_progress";
      case Batch::State::kEnded:
        return "completed";
      case Batch::State::kCancelled:
        return "cancelled";
      case Batch::State::kExpired:
        return "expired";
      case Batch::State::kFailed:
        break;
    }
    return "failed";
  }

  static json::object describe(const Batch& batch) {
    const std::string_view status = status_of(batch);
    json::value errors;
    if (batch.failure) {
      const Batch::Failure& failure = *batch.failure;
      const json::object one{{"code", failure.code},
                             {"message", failure.message},
                             {"param", nullptr},
                             {"line", failure.line > 0 ? json::value(failure.line) : json::value()}};
      errors = json::object{{"object", "list"}, {"data", json::array{one}}};
    }
    auto time_if = [&](bool reached) { return reached ? json::value(batch.ended_s) : json::value(); };
    return {{"id", batch.id},
            {"object", "batch"},
            {"endpoint", batch.endpoint},
            {"errors", errors},
            {"input_file_id", batch.input_file},
            {"completion_window", "24h"},
            {"status", status},
            {"output_file_id", id_or_null(batch.output_file)},
            {"error_file_id", id_or_null(batch.error_file)},
            {"created_at", batch.created_s},
            {"in_progress_at", batch.failure ? json::value() : json::value(batch.created_s)},
            {"expires_at", batch.created_s + kBatchWindowSeconds},
            {"finalizing_at", time_if(status == "completed")},
            {"completed_at", time_if(status == "completed")},
            {"failed_at", time_if(status == "failed")},
            {"expired_at", time_if(status == "expired")},
            {"cancelling_at", time_if(status == "cancelled")},
            {"cancelled_at", time_if(status == "cancelled")},
            {"request_counts",
             {{"total", batch.lines.size()},
              {"completed", batch.count(BatchLine::State::kAnswered)},
              {"failed", batch.count(BatchLine::State::kFailed)}}},
            {"metadata", batch.metadata}};
  }

  const BatchRoom room_;
  const std::string door_;
  const Dialect& voice_;
};

}  // namespace

std::unique_ptr<BatchClerk> openai_batch_clerk(const BatchRoom& room) {
  return std::make_unique<OpenAiClerk>(room, "openai", *room.dialects.front());
}

std::unique_ptr<BatchClerk> azure_batch_clerk(const BatchRoom& room) {
  return std::make_unique<OpenAiClerk>(room, "azure", *dialect_for(room, "/openai/deployments/d/completions"));
}

}  // namespace teachersim
