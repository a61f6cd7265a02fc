#include "service/dialect/openai/openai_answer.h"

#include <utility>

#include "service/dialect/error_outcome.h"
#include "service/dialect/openai/openai_usage.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {

namespace dom = simdjson::dom;

std::optional<Outcome> find_choices(const JsonBody& body, bool waits, dom::array& choices) {
  if (!body.is_object()) return no_answer("not_json", body.error().empty() ? "not a JSON object" : body.error());
  const dom::object& root = body.object();
  if (truthy_at(root, "error")) return embedded_outcome(read_vendor_error(root), waits);
  if (root.at_key("choices").get(choices) != simdjson::SUCCESS || choices.size() == 0)
    return no_answer("no_choices", "the response holds no choices");
  return std::nullopt;
}

ChoiceDraft* draft_of(const dom::object& choice, int64_t place, AnswerDraft& answer) {
  int64_t index = 0;
  if (choice.at_key("index").get(index) != simdjson::SUCCESS) index = place;
  ChoiceDraft* const draft = answer.choice(index);
  return draft != nullptr && draft->ended ? answer.choice(-1 - place) : draft;
}

Outcome finish_answer(const dom::object& root, AnswerDraft& answer) {
  v1::Usage usage;
  read_openai_usage(root, usage);
  Outcome outcome = answer.finish(std::move(usage));
  outcome.model_reported = string_at(root, "model");
  outcome.system_fingerprint = string_at(root, "system_fingerprint");
  outcome.service_tier = string_at(root, "service_tier");
  outcome.served_by = vendor_words(string_at(root, "provider"), kServedByBytesMax);
  outcome.cost_reported_picodollars = read_reported_cost(root);
  outcome.request_id = string_at(root, "id");
  return outcome;
}

}  // namespace harvest::dialect
