#include "service/flow/probe_search.h"

#include "absl/strings/str_cat.h"

namespace harvest::flow {
namespace {

constexpr const char* kFound = "found";
constexpr const char* kMissing = "missing";
constexpr const char* kRefused = "refused";

}  // namespace

ProbeSearch::ProbeSearch(const dialect::Dialect& dialect, const v1::Teacher& teacher)
    : dialect_(dialect), teacher_(teacher), wanted_(askable(dialect, teacher)), kept_(wanted_) {}

std::optional<ProbePlan> ProbeSearch::next() {
  while (!done_) {
    ProbeFeatures features = kept_;
    if (answered_) features.insert(features.begin(), dropped_.front());
    plan_ = probe_plan(dialect_, teacher_, features);
    // What the dialect cannot say together is found out without a call.
    const absl::Status said = dialect_.check(teacher_, plan_.prompt, plan_.sampling);
    if (said.ok() || features.empty()) return plan_;
    rejected(std::string(said.message()));
  }
  return std::nullopt;
}

void ProbeSearch::rejected(const std::string& words) {
  if (answered_) {
    of(dropped_.front()) = {kRefused, words};
    dropped_.erase(dropped_.begin());
    done_ = dropped_.empty();
    return;
  }
  words_ = words;
  dropped_.push_back(kept_.front());
  kept_.erase(kept_.begin());
}

void ProbeSearch::heard(const dialect::Outcome& outcome) {
  is_main_ = !answered_;
  if (outcome.kind == v1::REJECTED && (answered_ || !kept_.empty())) return rejected(outcome.message);
  if (!outcome.has_answer()) return stop(outcome.reason());
  if (answered_) {
    judge(dropped_.front(), outcome);
    dropped_.erase(dropped_.begin());
  } else {
    heard_first(outcome);
  }
  done_ = dropped_.empty();
}

void ProbeSearch::heard_first(const dialect::Outcome& outcome) {
  answered_ = true;
  usage_ = outcome.usage.reported();
  for (const ProbeFeature feature : kept_) judge(feature, outcome);
  if (!dropped_.empty()) {
    of(dropped_.back()) = {kRefused, words_};
    dropped_.pop_back();
  }
  // A model may think unbidden, and reject being asked to.
  Verdict& reasoning = of(ProbeFeature::kReasoning);
  if (reasoning.state == kFound || !shows(ProbeFeature::kReasoning, plan_, outcome)) return;
  reasoning = {kFound, "unasked"};
  std::erase(dropped_, ProbeFeature::kReasoning);
}

void ProbeSearch::judge(ProbeFeature feature, const dialect::Outcome& outcome) {
  const bool found = shows(feature, plan_, outcome);
  of(feature) = {found ? kFound : kMissing, ""};
  if (found && feature == ProbeFeature::kLogprobs)
    of(feature).note =
        absl::StrCat("up to ", dialect_.abilities(teacher_).top_logprobs_max, " a position in this dialect");
  if (!found && feature == ProbeFeature::kReasoning)
    of(feature).note = "asked for with as little as can be; nothing of it in text or usage";
}

void ProbeSearch::stop(const std::string& reason) {
  done_ = true;
  if (!answered_) return;
  for (const ProbeFeature feature : dropped_)
    if (of(feature).state.empty())
      of(feature) = {kRefused, absl::StrCat("with others, and not asked by itself: ", reason)};
}

void ProbeSearch::report(v1::ProbeReply& reply) const {
  if (!answered_) return;
  for (const ProbeFeature feature :
       {ProbeFeature::kLogprobs, ProbeFeature::kChoices, ProbeFeature::kStreaming, ProbeFeature::kReasoning}) {
    const Verdict& verdict = verdicts_[static_cast<size_t>(feature)];
    v1::ProbeReply::Capability* capability = reply.add_capabilities();
    capability->set_name(std::string(name_of(feature)));
    capability->set_state(verdict.state.empty() ? "not_in_dialect" : verdict.state);
    capability->set_note(verdict.note);
  }
  v1::ProbeReply::Capability* usage = reply.add_capabilities();
  usage->set_name("usage");
  usage->set_state(usage_ ? kFound : kMissing);
  if (!usage_) usage->set_note("answers are booked at their bound");
}

}  // namespace harvest::flow
