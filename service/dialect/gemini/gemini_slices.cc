#include "service/dialect/gemini/gemini_slices.h"

#include "service/dialect/raw_json.h"

namespace harvest::dialect {
namespace {

using namespace raw_json;

void read_part(ondemand::object& part, GeminiSlices& slices) {
  ondemand::object call, args;
  if (!member(part, "functionCall", call)) return;
  std::string_view raw;
  if (member(call, "args", args) && args.raw_json().get(raw) == simdjson::SUCCESS)
    slices.args.emplace_back(raw);
  else
    slices.args.emplace_back();
}

}  // namespace

std::vector<GeminiSlices> gemini_slices(std::string_view json) {
  std::vector<GeminiSlices> all;
  Document document(json);
  ondemand::object root;
  if (!document.root(root)) return all;
  each_object(root, "candidates", [&](ondemand::object& candidate) {
    GeminiSlices& slices = all.emplace_back();
    ondemand::object content, logprobs;
    if (member(candidate, "content", content))
      each_object(content, "parts", [&](ondemand::object& part) { read_part(part, slices); });
    if (!member(candidate, "logprobsResult", logprobs)) return;
    slices.chosen = inside_list(logprobs, "chosenCandidates");
    slices.top = inside_list(logprobs, "topCandidates");
  });
  return all;
}

}  // namespace harvest::dialect
