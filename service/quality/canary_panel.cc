#include "service/quality/canary_panel.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace harvest::quality {

namespace {

using Canary = v1::DriftBook::Canary;

constexpr uint32_t kSteadyRounds = 3;
constexpr uint32_t kStraysMax = 2;

/// The canary's baseline is being taken: this answer is the first of it, or one more.
void learn(Canary& canary, uint64_t answer_hash) {
  if (canary.rounds() > 0 && canary.answer_hash() != answer_hash) canary.set_varies(true);
  canary.set_answer_hash(answer_hash);
  canary.set_rounds(canary.rounds() + 1);
}

/// Does it answer as its baseline?
bool vote(Canary& canary, uint64_t answer_hash) {
  const bool agrees = canary.answer_hash() == answer_hash;
  if (agrees && canary.differed()) canary.set_strays(canary.strays() + 1);
  if (canary.strays() >= kStraysMax) canary.set_varies(true);
  canary.set_differed(!agrees);
  return agrees;
}

void begin(Canary& canary) {
  const uint64_t prompt = canary.prompt_hash();
  canary.Clear();
  canary.set_prompt_hash(prompt);
}

}  // namespace

bool tells(const Canary& canary) {
  return canary.rounds() >= kSteadyRounds && !canary.varies();
}

Canary& CanaryPanel::row(uint64_t prompt_hash) {
  auto& rows = *book_.mutable_canaries();
  const auto known =
      std::find_if(rows.begin(), rows.end(), [&](const Canary& canary) { return canary.prompt_hash() == prompt_hash; });
  if (known != rows.end()) return *known;
  Canary& added = *rows.Add();
  added.set_prompt_hash(prompt_hash);
  return added;
}

std::optional<std::string> CanaryPanel::heard(const std::vector<uint64_t>& asked, const std::vector<Answered>& round,
                                              int64_t utc_us) {
  auto& rows = *book_.mutable_canaries();
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [&](const Canary& canary) {
                              return std::find(asked.begin(), asked.end(), canary.prompt_hash()) == asked.end();
                            }),
             rows.end());
  uint32_t told = 0, agreed = 0;
  for (const Answered& answered : round) {
    Canary& canary = row(answered.prompt_hash);
    if (canary.varies()) continue;
    if (!tells(canary)) {
      learn(canary, answered.answer_hash);
      continue;
    }
    ++told;
    agreed += vote(canary, answered.answer_hash);
  }
  const bool differs = told > 0 && 2 * (told - agreed) >= told;
  const bool changed = differs && book_.differed();
  book_.set_asked_at_us(utc_us);
  book_.set_told(told);
  book_.set_agreed(agreed);
  // A round that nobody had a vote in proves nothing either way.
  if (told > 0) book_.set_differed(differs);
  if (!changed) return std::nullopt;
  forget();
  for (const Answered& answered : round) learn(row(answered.prompt_hash), answered.answer_hash);
  return absl::StrCat(told - agreed, " of ", told,
                      " canaries that tell were answered otherwise than before, in two rounds "
                      "in a row");
}

void CanaryPanel::forget() {
  for (Canary& canary : *book_.mutable_canaries()) begin(canary);
  book_.set_differed(false);
}

}  // namespace harvest::quality
