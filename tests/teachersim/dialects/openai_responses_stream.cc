#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/dialects/openai_responses_answer.h"

namespace teachersim {
namespace {

namespace json = boost::json;

class ResponsesStream {
 public:
  explicit ResponsesStream(std::size_t piece) : piece_(piece) {}

  std::vector<std::string> write(const json::object& response) {
    json::object opening = response;
    opening["status"] = "in_progress";
    opening["output"] = json::array();
    opening["incomplete_details"] = nullptr;
    opening["usage"] = nullptr;
    add("response.created", {{"response", opening}});
    add("response.in_progress", {{"response", opening}});
    for (const json::value& item : response.at("output").as_array()) add_item(item.as_object());
    add("response." + std::string(response.at("status").as_string()), {{"response", response}});
    return std::move(events_);
  }

 private:
  void add(const std::string& type, json::object members) {
    json::object event{{"type", type}, {"sequence_number", events_.size()}};
    for (auto& [name, value] : members) event[name] = std::move(value);
    events_.push_back(sse_event(type, json::serialize(event)));
  }

  json::object place(const json::object& item) const { return {{"item_id", item.at("id")}, {"output_index", index_}}; }

  void add_deltas(const std::string& type, const json::object& where, std::string_view text) {
    for (const std::string_view piece : pieces_of(text, piece_)) {
      json::object delta = where;
      delta["delta"] = piece;
      if (type.starts_with("response.output_text")) delta["logprobs"] = json::array();
      add(type, std::move(delta));
    }
  }

  void add_item(const json::object& item) {
    const json::string& type = item.at("type").as_string();
    json::object opening = item;
    if (type != "reasoning") opening["status"] = "in_progress";
    if (type == "message") opening["content"] = json::array();
    if (type == "reasoning") opening["summary"] = json::array();
    if (type == "function_call") opening["arguments"] = "";
    add("response.output_item.added", {{"output_index", index_}, {"item", std::move(opening)}});
    if (type == "message") add_parts(item);
    if (type == "reasoning") add_summary(item);
    if (type == "function_call") {
      add_deltas("response.function_call_arguments.delta", place(item), item.at("arguments").as_string());
      json::object done = place(item);
      done["arguments"] = item.at("arguments");
      done["name"] = item.at("name");
      add("response.function_call_arguments.done", std::move(done));
    }
    add("response.output_item.done", {{"output_index", index_++}, {"item", item}});
  }

  void add_parts(const json::object& item) {
    int part_index = 0;
    for (const json::value& part : item.at("content").as_array()) {
      json::object where = place(item);
      where["content_index"] = part_index++;
      const bool refuses = part.at("type") == "refusal";
      const std::string field = refuses ? "refusal" : "text";
      const std::string kind = refuses ? "response.refusal" : "response.output_text";
      json::object opening = where;
      opening["part"] = part;
      opening["part"].as_object()[field] = "";
      add("response.content_part.added", std::move(opening));
      add_deltas(kind + ".delta", where, part.at(field).as_string());
      json::object done = where;
      done[field] = part.at(field);
      if (!refuses) done["logprobs"] = part.at("logprobs");
      add(kind + ".done", std::move(done));
      json::object closing = where;
      closing["part"] = part;
      add("response.content_part.done", std::move(closing));
    }
  }

  void add_summary(const json::object& item) {
    int part_index = 0;
    for (const json::value& part : item.at("summary").as_array()) {
      json::object where = place(item);
      where["summary_index"] = part_index++;
      json::object opening = where;
      opening["part"] = json::object{{"type", "summary_text"}, {"text", ""}};
      add("response.reasoning_summary_part.added", std::move(opening));
      add_deltas("response.reasoning_summary_text.delta", where, part.at("text").as_string());
      json::object done = where;
      done["text"] = part.at("text");
      add("response.reasoning_summary_text.done", std::move(done));
      json::object closing = where;
      closing["part"] = part;
      add("response.reasoning_summary_part.done", std::move(closing));
    }
  }

  const std::size_t piece_;
  int index_ = 0;
  std::vector<std::string> events_;
};

}  // namespace

std::vector<std::string> responses_events(const json::object& response, std::size_t piece) {
  return ResponsesStream(piece).write(response);
}

}  // namespace teachersim
