#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <string_view>

namespace harvest::observe {

/// Every metric family of the service, in one list: name, help and labels are in families.cc, bounded label values and
/// buckets below. Nothing else in the house registers a metric. deploy/README.md holds the same list for operators; a
/// test compares the two, and the dashboard and alerts with both.
///
/// Series are bounded by the configuration, never by traffic: teacher and model come from the configuration, every
/// other label has a closed set of values, and `job` stands on five gauges only (Metrics caps them).
struct Families {
  explicit Families(prometheus::Registry& registry);

  using Counters = prometheus::Family<prometheus::Counter>;
  using Gauges = prometheus::Family<prometheus::Gauge>;
  using Histograms = prometheus::Family<prometheus::Histogram>;

  // {teacher, model} and what is named beside each.
  Counters& requests;        ///< outcome: how attempts ended
  Counters& wire_attempts;   ///< kind
  Counters& http_responses;  ///< code_class
  Counters& rate_limited;    ///< dimension: 429s and their like
  Counters& answers;         ///< trait: what paid answers were like
  Counters& teacher_epochs;  ///< cause: silent changes of the teacher
  Counters& ambiguous_requests;
  Counters& spend_dollars;
  Counters& spend_at_risk_dollars;
  Counters& wait_seconds;     ///< cause: what a teacher with a backlog waited for
  Gauges& limit_utilization;  ///< dimension
  Gauges& limit_effective;
  Gauges& inflight_requests;
  Gauges& concurrency_limit;
  Gauges& breaker_open;
  Gauges& teacher_halted;

  // OpenTelemetry's GenAI client metrics: {gen_ai_operation_name, gen_ai_provider_name, gen_ai_request_model}. They
  // know no teacher: two accounts of one model share a histogram, which keeps the series few.
  Histograms& token_usage;  ///< gen_ai_token_type
  Histograms& operation_duration;
  Histograms& time_to_first_chunk;
  Histograms& time_per_output_chunk;

  // The service as a whole.
  Gauges& build_info;  ///< version
  Gauges& halted;
  Gauges& rights_alerts;
  Gauges& queue_prompts;  ///< state
  Gauges& oldest_ready_age;
  Counters& pairs_committed;
  Histograms& commit_duration;
  Gauges& last_commit_timestamp;
  Gauges& store_free_bytes;
  Counters& store_errors;   ///< op
  Counters& export_shards;  ///< outcome

  // {job}: live jobs only.
  Gauges& job_remaining_prompts;
  Gauges& job_eta;
  Gauges& job_pairs;
  Gauges& job_spend_dollars;
  Gauges& job_budget_dollars;
  Gauges& job_wait_seconds;  ///< cause: those that cost the job most
};

/// The closed sets. A value outside its set is counted as the last, `other`: a label never grows with its input.
using Name = std::string_view;
inline constexpr std::array<Name, 7> kOutcomes{"answered", "refused", "throttled", "faulted",
                                               "rejected", "halted",  "other"};
inline constexpr std::array<Name, 7> kAttemptKinds{"first", "retry",          "batch", "hedge",
                                                   "probe", "resend_blocked", "other"};
inline constexpr std::array<Name, 6> kCodeClasses{"2xx", "429", "4xx", "5xx", "none", "other"};
/// As limit::name_of(Dimension) says them, and what a teacher may wait for besides.
inline constexpr std::array<Name, 17> kDimensions{
    "requests",   "input_tokens", "output_tokens", "requests_per_day", "concurrency", "teacher_budget", "tenant_budget",
    "job_budget", "job_ceiling",  "backoff",       "breaker",          "learning",    "budget",         "teacher",
    "disk",       "none",         "other"};
/// plain: none of the others. An answer may have several.
inline constexpr std::array<Name, 6> kAnswerTraits{"plain", "refused", "truncated", "empty", "duplicate", "other"};
inline constexpr std::array<Name, 4> kEpochCauses{"model_reported", "system_fingerprint", "canaries", "other"};
inline constexpr std::array<Name, 5> kQueueStates{"ready", "postponed", "in_flight", "paused", "other"};
/// settle, postpone and end bring an attempt to rest; commit: a whole group was not written and is kept.
inline constexpr std::array<Name, 13> kStoreOperations{"intent", "batch",  "resume", "settle", "postpone",
                                                       "end",    "reuse",  "park",   "pause",  "alert",
                                                       "read",   "commit", "other"};
inline constexpr std::array<Name, 4> kShardOutcomes{"sealed", "failed", "withdrawn", "other"};

/// OpenTelemetry's advice, duration going on to 655 s because reasoning models do.
extern const prometheus::Histogram::BucketBoundaries kTokenBuckets;
extern const prometheus::Histogram::BucketBoundaries kDurationBuckets;
extern const prometheus::Histogram::BucketBoundaries kCommitBuckets;

}  // namespace harvest::observe
