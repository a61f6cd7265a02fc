#include "service/observe/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>

namespace harvest::observe {

Metrics::Metrics(std::string_view version)
    : queue_(families_.queue_prompts, {}, "state", kQueueStates, kQueueStates.size() - 1),
      store_errors_(families_.store_errors, {}, "op", kStoreOperations, kStoreOperations.size()),
      shards_(families_.export_shards, {}, "outcome", kShardOutcomes, 2),
      pairs_committed_(families_.pairs_committed.Add({})),
      commit_duration_(families_.commit_duration.Add({}, kCommitBuckets)),
      last_commit_(families_.last_commit_timestamp.Add({})),
      free_bytes_(families_.store_free_bytes.Add({})),
      oldest_ready_age_(families_.oldest_ready_age.Add({})),
      halted_(families_.halted.Add({})),
      rights_alerts_(families_.rights_alerts.Add({})) {
  families_.build_info.Add({{"version", std::string(version)}}).Set(1);
}

TeacherMetrics& Metrics::teacher(const std::string& name, const std::string& model, const std::string& vendor) {
  std::string key = name;
  key.append(1, '\0').append(model).append(1, '\0').append(vendor);
  std::lock_guard lock(mutex_);
  auto& slot = teachers_[key];
  if (!slot) slot = std::make_unique<TeacherMetrics>(families_, name, model, vendor);
  return *slot;
}

void Metrics::pairs_committed(double n) {
  pairs_committed_.Increment(n);
  last_commit_.SetToCurrentTime();
}

bool Metrics::job(const std::string& id, const JobGauges& gauges) {
  std::lock_guard lock(mutex_);
  auto found = jobs_.find(id);
  if (found == jobs_.end()) {
    if (jobs_.size() >= kJobsMax) return false;
    const prometheus::Labels labels{{"job", id}};
    JobHandles handles{&families_.job_remaining_prompts.Add(labels), &families_.job_eta.Add(labels),
                       &families_.job_pairs.Add(labels), &families_.job_spend_dollars.Add(labels)};
    found = jobs_.emplace(id, std::move(handles)).first;
  }
  JobHandles& handles = found->second;
  handles.remaining->Set(gauges.remaining);
  handles.eta->Set(gauges.eta_seconds);
  handles.pairs->Set(gauges.pairs);
  handles.spend->Set(gauges.spend_usd);
  if (gauges.budget_usd) {
    if (handles.budget == nullptr) handles.budget = &families_.job_budget_dollars.Add({{"job", id}});
    handles.budget->Set(*gauges.budget_usd);
  } else if (handles.budget != nullptr) {  // a cap that was lifted is not a cap of zero
    families_.job_budget_dollars.Remove(handles.budget);
    handles.budget = nullptr;
  }
  set_waits(id, gauges, handles);
  return true;
}

void Metrics::set_waits(const std::string& id, const JobGauges& gauges, JobHandles& handles) {
  std::vector<std::pair<std::string_view, double>> longest = gauges.waits;
  const size_t kept = std::min(longest.size(), kJobCausesMax);
  std::partial_sort(longest.begin(), longest.begin() + static_cast<std::ptrdiff_t>(kept), longest.end(),
                    [](const auto& a, const auto& b) { return a.second > b.second; });
  longest.resize(kept);
  for (auto known = handles.waits.begin(); known != handles.waits.end();) {
    const bool stays =
        std::any_of(longest.begin(), longest.end(), [&](const auto& wait) { return wait.first == known->first; });
    if (stays) {
      ++known;
      continue;
    }
    families_.job_wait_seconds.Remove(known->second);
    known = handles.waits.erase(known);
    --wait_series_;
  }
  for (const auto& [cause, seconds] : longest) {
    auto known = handles.waits.find(cause);
    if (known == handles.waits.end()) {
      if (wait_series_ == kWaitSeriesMax) continue;
      const std::string name(cause);
      known = handles.waits.emplace(name, &families_.job_wait_seconds.Add({{"job", id}, {"cause", name}})).first;
      ++wait_series_;
    }
    known->second->Set(seconds);
  }
}

void Metrics::drop_job(const std::string& id) {
  std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  families_.job_remaining_prompts.Remove(found->second.remaining);
  families_.job_eta.Remove(found->second.eta);
  families_.job_pairs.Remove(found->second.pairs);
  families_.job_spend_dollars.Remove(found->second.spend);
  if (found->second.budget != nullptr) families_.job_budget_dollars.Remove(found->second.budget);
  for (const auto& [cause, gauge] : found->second.waits) families_.job_wait_seconds.Remove(gauge);
  wait_series_ -= found->second.waits.size();
  jobs_.erase(found);
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace harvest::observe
