#include "service/dialect/openai/openai_responses_slices.h"

#include "service/dialect/raw_json.h"

namespace harvest::dialect {

std::string responses_logprobs(std::string_view json) {
  using namespace raw_json;
  Document document(json);
  ondemand::object root, response;
  if (!document.root(root)) return {};
  if (!member(root, "response", response)) response = root;
  std::string all;
  each_object(response, "output", [&](ondemand::object& item) {
    each_object(item, "content", [&](ondemand::object& part) {
      const std::string inside = inside_list(part, "logprobs");
      if (!inside.empty()) all.append(all.empty() ? R"({"content":[)" : ",").append(inside);
    });
  });
  if (!all.empty()) all += "]}";
  return all;
}

}  // namespace harvest::dialect
