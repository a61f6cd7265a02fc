#include "tests/teachersim/dialects/utterance.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/answers/prose.h"
#include "tests/teachersim/answers/schema_filler.h"
#include "tests/teachersim/answers/tokenizer.h"

namespace teachersim {
namespace {

namespace json = boost::json;

void speak(Utterance& utterance, const Wish& wish, const AnswerShape& shape, Draw& draw) {
  if (!wish.schema.is_null()) {
    utterance.text = json::serialize(fill_schema(wish.schema, draw));
    return;
  }
  const auto spread = static_cast<std::uint64_t>(shape.bytes_max - shape.bytes_min + 1);
  utterance.text = prose(draw, static_cast<std::size_t>(shape.bytes_min) + draw.below(spread));
  if (wish.json_object) {
    utterance.text = json::serialize(json::object{{"answer", utterance.text}});
    return;
  }
  for (const std::string& stop : wish.stops) {
    const std::size_t at = stop.empty() ? std::string::npos : utterance.text.find(stop);
    if (at == std::string::npos) continue;
    utterance.text.resize(at);
    utterance.stop = stop;
    utterance.end = Utterance::End::kStopped;
  }
}

void call_tool(Utterance& utterance, const Wish& wish, Draw& draw) {
  const Wish::Tool& tool = wish.tools[draw.below(wish.tools.size())];
  char id[24];
  std::snprintf(id, sizeof id, "%016llx", static_cast<unsigned long long>(draw.next()));
  utterance.call_id = id;
  utterance.tool = tool.name;
  json::value arguments = fill_schema(tool.parameters, draw);
  if (!arguments.is_object()) arguments.emplace_object();  // a schema that says nothing
  utterance.arguments = json::serialize(arguments);
  utterance.end = Utterance::End::kToolCall;
}

/// Keeps to what the cap leaves.
void keep_to_cap(Utterance& utterance, std::int64_t room) {
  std::string& spoken = utterance.tool.empty() ? utterance.text : utterance.arguments;
  const std::string_view kept = first_tokens(spoken, room);
  utterance.tokens = utterance.thinking_tokens + tokens_in(kept);
  if (kept.size() == spoken.size()) return;
  utterance.end = Utterance::End::kCut;
  utterance.stop.clear();
  if (utterance.tool.empty()) {
    spoken.resize(kept.size());
  } else {
    spoken = "{}";  // half an object is none
  }
}

Utterance utter_one(const Wish& wish, const AnswerShape& shape, bool refuse, std::uint64_t index) {
  Draw draw(mix(wish.key ^ mix(shape.seed + index)));
  Utterance utterance;
  utterance.thinking_tokens = std::min(wish.thinking, wish.cap_per_choice);
  const std::int64_t room = wish.cap_per_choice - utterance.thinking_tokens;
  if (utterance.thinking_tokens > 0) {
    Draw thoughts(mix(wish.key ^ mix(~shape.seed + index)));
    utterance.thinking = prose(thoughts, static_cast<std::size_t>(utterance.thinking_tokens * kBytesPerToken));
  }
  if (refuse) {
    utterance.end = Utterance::End::kRefused;
    utterance.tokens = utterance.thinking_tokens + std::min(room, tokens_in(kRefusal));
    return utterance;
  }
  const bool calls = !wish.tools.empty() && (draw.share() < shape.tool_call_rate || wish.must_call_tool);
  if (calls) {
    call_tool(utterance, wish, draw);
  } else {
    speak(utterance, wish, shape, draw);
  }
  keep_to_cap(utterance, room);
  return utterance;
}

}  // namespace

std::vector<Utterance> utter(const Wish& wish, const AnswerShape& shape, bool refuse) {
  std::vector<Utterance> utterances;
  for (int i = 0; i < wish.choices; ++i) {
    utterances.push_back(utter_one(wish, shape, refuse, static_cast<std::uint64_t>(i)));
  }
  return utterances;
}

Usage usage_of(const Wish& wish, const AnswerShape& shape, const std::vector<Utterance>& utterances) {
  Usage usage;
  usage.input_tokens = wish.input_tokens;
  usage.cached_tokens =
      static_cast<std::int64_t>(std::floor(static_cast<double>(wish.input_tokens) * shape.cached_share));
  for (const Utterance& utterance : utterances) {
    usage.output_tokens += utterance.tokens;
    usage.reasoning_tokens += utterance.thinking_tokens;
  }
  assert(usage.output_tokens <= wish.output_cap);
  return usage;
}

}  // namespace teachersim
