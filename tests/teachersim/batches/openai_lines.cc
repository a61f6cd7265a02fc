#include "tests/teachersim/batches/openai_lines.h"

#include <algorithm>
#include <unordered_set>

namespace teachersim {
namespace {

namespace json = boost::json;
using State = BatchLine::State;

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* field = object.if_contains(name);
  return field != nullptr && field->is_string() ? std::string(field->get_string()) : std::string();
}

class LineReader {
 public:
  LineReader(Batch& batch, const BatchRoom& room) : batch_(batch), room_(room) {}

  void read(std::string_view content) {
    for (std::int64_t number = 1; !content.empty() && !batch_.failure; ++number) {
      const std::size_t end = std::min(content.find('\n'), content.size());
      const std::string_view text = content.substr(0, end);
      content.remove_prefix(std::min(end + 1, content.size()));
      if (text.find_first_not_of(" \r\t") != std::string_view::npos) read_one(text, number);
    }
    if (!batch_.failure && batch_.lines.empty()) fail("empty_batch", "The input file is empty.", 0);
    if (!batch_.failure && static_cast<std::int64_t>(batch_.lines.size()) > room_.plan.lines_max)
      fail("too_many_tasks", "The number of requests is more than " + std::to_string(room_.plan.lines_max) + ".", 0);
  }

 private:
  void fail(std::string code, std::string message, std::int64_t line) {
    batch_.failure = Batch::Failure{std::move(code), std::move(message), line};
  }

  void read_one(std::string_view text, std::int64_t number) {
    json::error_code error;
    const json::value parsed = json::parse(text, error);
    if (error || !parsed.is_object())
      return fail("invalid_json_line", "This line is not parseable as valid JSON.", number);
    const json::object& object = parsed.get_object();
    BatchLine line;
    line.custom_id = text_at(object, "custom_id");
    if (line.custom_id.empty()) return fail("missing_required_parameter", "Missing 'custom_id'.", number);
    if (!ids_.insert(line.custom_id).second)
      return fail("duplicate_custom_id", "The custom_id is not unique within the file.", number);
    const std::string url = text_at(object, "url");
    // Azure's lines may leave out the version.
    if (!batch_.endpoint.ends_with(url) || url.empty())
      return fail("mismatched_endpoint", "The URL does not match the endpoint of the batch.", number);
    const json::value* body = object.if_contains("body");
    if (body == nullptr || !body->is_object()) return fail("invalid_request", "Missing 'body'.", number);
    const std::string model = text_at(body->get_object(), "model");
    if (batch_.lines.empty()) batch_.model = model;
    if (model != batch_.model) return fail("model_mismatch", "All requests must name the same model.", number);
    read_request(line, json::serialize(*body), model);
    batch_.lines.push_back(std::move(line));
  }

  void read_request(BatchLine& line, const std::string& body, const std::string& model) {
    std::string path = batch_.endpoint;
    if (batch_.door == "azure") {
      const std::size_t version = path.starts_with("/v1/") ? 3 : 0;
      path = "/openai/deployments/" + model + path.substr(version);
    }
    const Dialect* dialect = dialect_for(room_, path);
    if (dialect == nullptr) {
      line.dialect = room_.dialects.front().get();
      line.trouble = batch_mistake("Invalid URL (POST " + path + ")");
      return;
    }
    read_line(line, *dialect, Call{.method = "POST", .path = path, .body = body, .query = "api-version=batch"});
    if (line.question && line.question->stream) {
      line.question.reset();
      line.trouble = batch_mistake("Batch requests cannot be streamed.", "stream");
    }
  }

  Batch& batch_;
  const BatchRoom& room_;
  std::unordered_set<std::string> ids_;
};

json::object openai_result(const BatchLine& line) {
  json::object result{
      {"id", "batch_req_" + line.id}, {"custom_id", line.custom_id}, {"response", nullptr}, {"error", nullptr}};
  if (line.state == State::kAnswered || line.state == State::kFailed) {
    result["response"] =
        json::object{{"status_code", line.status}, {"request_id", line.id}, {"body", json::parse(line.body)}};
  } else if (line.state == State::kExpired) {
    result["error"] = json::object{{"code", "batch_expired"},
                                   {"message",
                                    "This request could not be executed before the completion window "
                                    "expired."}};
  } else {
    result["error"] = json::object{{"code", "batch_cancelled"}, {"message", "This request was cancelled."}};
  }
  return result;
}

}  // namespace

void read_openai_lines(Batch& batch, const BatchRoom& room, std::string_view content) {
  LineReader(batch, room).read(content);
}

std::string openai_results(const Batch& batch, bool errors) {
  std::string text;
  for (auto line = batch.lines.rbegin(); line != batch.lines.rend(); ++line) {
    if ((line->state == State::kAnswered) != errors) text += json::serialize(openai_result(*line)) + "\n";
  }
  return text;
}

}  // namespace teachersim
