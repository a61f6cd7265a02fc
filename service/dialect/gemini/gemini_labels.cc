#include "service/dialect/gemini/gemini_labels.h"

#include <limits>
#include <vector>

#include "service/dialect/json_body.h"
#include "service/dialect/soft_labels.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

std::vector<dom::element> elements_at(const dom::object& object, std::string_view key) {
  dom::array array;
  if (object.at_key(key).get(array) != simdjson::SUCCESS) return {};
  return {array.begin(), array.end()};
}

/// Calls `add(token, logprob, id)`, if it is a token.
template <typename Add>
bool read_token(const dom::element& element, Add add) {
  dom::object object;
  double logprob = 0;
  int64_t id = -1;
  if (element.get(object) != simdjson::SUCCESS || object.at_key("logProbability").get(logprob) != simdjson::SUCCESS)
    return false;
  if (object.at_key("tokenId").get(id) != simdjson::SUCCESS || id > std::numeric_limits<int32_t>::max()) id = -1;
  add(string_at(object, "token"), logprob, id);
  return true;
}

}  // namespace

void read_gemini_labels(const dom::object& result, v1::SoftLabels& labels) {
  const std::vector<dom::element> chosen = elements_at(result, "chosenCandidates"),
                                  top = elements_at(result, "topCandidates");
  const auto position = [&](auto... token) { add_position(labels, token...); };
  const auto alternative = [&](auto... token) { add_alternative(labels, token...); };
  for (size_t i = 0; i < chosen.size(); ++i) {
    dom::object others;
    if (!read_token(chosen[i], position) || i >= top.size() || top[i].get(others) != simdjson::SUCCESS) continue;
    for (const dom::element& other : elements_at(others, "candidates")) read_token(other, alternative);
  }
}

}  // namespace harvest::dialect
