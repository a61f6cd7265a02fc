#pragma once

#include <prometheus/registry.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/observe/families.h"
#include "service/observe/teacher_metrics.h"

namespace harvest::observe {

/// How a live job stands, for its gauges.
struct JobGauges {
  double remaining = 0;
  double eta_seconds = -1;  ///< -1: unknown
  double pairs = 0;
  double spend_usd = 0;              ///< at-risk dollars included: they count as spent
  std::optional<double> budget_usd;  ///< none: no cap, no series
  /// Seconds it has waited for so far, by cause as `why` names them; over all of its teachers.
  std::vector<std::pair<std::string_view, double>> waits;
};

/// The service's metrics: plain verbs in, Prometheus text out. families.h is the list.
///
///   observe::TeacherMetrics& qwen = metrics.teacher("qwen", model, vendor);   // once, then kept
///   qwen.attempt("first"); qwen.outcome("answered"); metrics.pairs_committed(n);
///   http.metrics = [&] { return metrics.text(); };
///
/// One per process, made by the daemon, outlives everything that counts. Any thread; verbs never fail and never block
/// on anything but text() copying one family.
class Metrics {
 public:
  explicit Metrics(std::string_view version);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The same object for the same three names. Call when a teacher is configured, never per query.
  TeacherMetrics& teacher(const std::string& name, const std::string& model, const std::string& vendor);

  /// Pairs that are on disk with fsync.
  void pairs_committed(double n);
  void commit_duration(double seconds) { commit_duration_.Observe(seconds); }
  /// op: what could not be written or read, as kStoreOperations names it.
  void store_error(std::string_view op) { store_errors_[op].Increment(); }
  void free_bytes(double n) { free_bytes_.Set(n); }
  /// state: ready, postponed, in_flight, paused.
  void queue(std::string_view state, double n) { queue_[state].Set(n); }
  void oldest_ready_age(double seconds) { oldest_ready_age_.Set(seconds); }
  void halted(bool is) { halted_.Set(is ? 1 : 0); }
  void rights_alerts(double n) { rights_alerts_.Set(n); }
  /// outcome: sealed, failed, withdrawn.
  void shard(std::string_view outcome, double n = 1) { shards_[outcome].Increment(n); }

  /// Sets the gauges of a live job. False when kJobsMax others have theirs already: this one then has none until one of
  /// them is dropped.
  bool job(const std::string& id, const JobGauges& gauges);
  /// The job has ended: its series go.
  void drop_job(const std::string& id);

  /// All families in Prometheus' text format 0.0.4.
  std::string text() const;

  static constexpr std::size_t kJobsMax = 100;
  /// Of a job, the causes that cost it most.
  static constexpr std::size_t kJobCausesMax = 4;
  /// Of all jobs: who looks at more than sixteen asks `harvestctl why`.
  static constexpr std::size_t kWaitSeriesMax = 64;

 private:
  struct JobHandles {
    prometheus::Gauge *remaining, *eta, *pairs, *spend, *budget = nullptr;
    std::map<std::string, prometheus::Gauge*, std::less<>> waits;
  };
  void set_waits(const std::string& id, const JobGauges& gauges, JobHandles& handles);

  prometheus::Registry registry_;
  Families families_{registry_};
  LabelSet<prometheus::Gauge> queue_;
  LabelSet<prometheus::Counter> store_errors_, shards_;
  prometheus::Counter& pairs_committed_;
  prometheus::Histogram& commit_duration_;
  prometheus::Gauge &last_commit_, &free_bytes_, &oldest_ready_age_, &halted_, &rights_alerts_;

  std::mutex mutex_;  // guards the two maps
  std::map<std::string, std::unique_ptr<TeacherMetrics>> teachers_;
  std::map<std::string, JobHandles> jobs_;
  std::size_t wait_series_ = 0;  // under mutex_ as well
};

}  // namespace harvest::observe
