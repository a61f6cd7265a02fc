#include "service/publish/submission_order.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "service/publish/coverage.h"
#include "service/publish/pair_range.h"

namespace harvest::publish {
namespace {

using Watermark = std::map<uint64_t, uint64_t>;  // job → prompt

struct Place {
  uint64_t job, prompt;
  uint32_t sample, choice;
  uint64_t sequence;  ///< the turns of a conversation arrive in their order
  bool operator<(const Place& other) const { return order() < other.order(); }
  std::tuple<uint64_t, uint64_t, uint32_t, uint32_t, uint64_t> order() const {
    return {job, prompt, sample, choice, sequence};
  }
};

/// A pair of no known job waits for nothing.
uint64_t of(const Watermark& watermarks, uint64_t job) {
  const auto found = watermarks.find(job);
  return found == watermarks.end() ? std::numeric_limits<uint64_t>::max() : found->second;
}

absl::StatusOr<Watermark> watermarks_now(const store::Store& store, const std::string& dataset) {
  Watermark now;
  for (const v1::JobRecord& job : store.jobs()) {
    if (!feeds(job, dataset)) continue;
    const auto open = store.first_open_prompt(job.number());
    if (!open.ok()) return open.status();
    now[job.number()] = *open;
  }
  return now;
}

}  // namespace

absl::StatusOr<SubmissionOrder> next_in_order(const store::Store& store, const std::string& dataset,
                                              const v1::Watermarks& before) {
  auto now = watermarks_now(store, dataset);
  if (!now.ok()) return now.status();
  const auto record = store.dataset(dataset);  // after the watermarks: it has all that is below them
  if (!record.ok()) return record.status();
  // What has arrived in no closed segment yet holds its prompt back, and so all behind it.
  absl::Status looked =
      each_pair(store, dataset, record->closed(), record->pairs(), [&](const store::Store::SequencedPair& open) {
        if (const auto job = now->find(open.pair.job_number()); job != now->end())
          job->second = std::min(job->second, open.pair.prompt());
        return absl::OkStatus();
      });
  if (!looked.ok()) return looked;
  SubmissionOrder next;
  for (auto& [job, prompt] : *now) {
    if (const auto stood = before.prompts().find(job); stood != before.prompts().end())
      prompt = std::max(prompt, stood->second);  // a query asked again does not take back what is published
    (*next.watermarks.mutable_prompts())[job] = prompt;
  }
  std::vector<Place> places;
  uint64_t waiting = record->closed();
  looked = each_pair(store, dataset, before.waiting(), record->closed(), [&](const store::Store::SequencedPair& one) {
    const v1::Pair& pair = one.pair;
    const auto stood = before.prompts().find(pair.job_number());
    const bool passed =
        stood == before.prompts().end() ? !now->contains(pair.job_number()) : pair.prompt() < stood->second;
    if (one.sequence < before.seen() && passed) return absl::OkStatus();  // published, or kept out by a rule
    if (pair.prompt() < of(*now, pair.job_number()))
      places.push_back({pair.job_number(), pair.prompt(), pair.sample(), pair.choice(), one.sequence});
    else
      waiting = std::min(waiting, one.sequence);
    return absl::OkStatus();
  });
  if (!looked.ok()) return looked;
  std::sort(places.begin(), places.end());
  next.sequences.reserve(places.size());
  for (const Place& place : places) next.sequences.push_back(place.sequence);
  next.watermarks.set_seen(record->closed());
  next.watermarks.set_waiting(waiting);
  return next;
}

bool waits_in_vain(const store::Store& store, const v1::DatasetRecord& dataset, const v1::ViewRecord& view) {
  if (!view.view().complete_only() || view.watermarks().waiting() >= view.watermarks().seen()) return false;
  const auto jobs = store.jobs();
  return std::none_of(jobs.begin(), jobs.end(), [&](const v1::JobRecord& job) {
    return feeds(job, dataset.name()) && job.state() != v1::FINISHED && job.state() != v1::CANCELLED;
  });
}

}  // namespace harvest::publish
