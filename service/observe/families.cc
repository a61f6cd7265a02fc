#include "service/observe/families.h"

namespace harvest::observe {
namespace {

Families::Counters& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Families::Gauges& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

Families::Histograms& histogram(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

const prometheus::Histogram::BucketBoundaries kTokenBuckets{1,     4,     16,     64,      256,     1024,     4096,
                                                            16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};
const prometheus::Histogram::BucketBoundaries kDurationBuckets{
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36};
const prometheus::Histogram::BucketBoundaries kCommitBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                             0.1,   0.25,   0.5,   1,    2.5,   5};

// In the order of the struct.
Families::Families(prometheus::Registry& r)
    : requests(counter(r, "harvest_requests_total", "Attempts that have ended, by what they came to")),
      wire_attempts(counter(r, "harvest_wire_attempts_total", "Attempts whose bytes were sent or withheld, by why")),
      http_responses(
          counter(r, "harvest_http_responses_total", "HTTP responses of teachers by class; none: no response")),
      rate_limited(
          counter(r, "harvest_rate_limited_total", "Attempts refused by a limit of the teacher, by dimension")),
      answers(counter(r, "harvest_answers_total", "Answers that were paid for, by what they were like")),
      teacher_epochs(
          counter(r, "harvest_teacher_epochs_total", "Times that a teacher was seen to have changed silently, by how")),
      ambiguous_requests(
          counter(r, "harvest_ambiguous_requests_total", "Attempts that may have been billed unanswered")),
      spend_dollars(counter(r, "harvest_spend_dollars_total", "Dollars spent, at the configured prices")),
      spend_at_risk_dollars(
          counter(r, "harvest_spend_at_risk_dollars_total", "Dollars reserved by attempts that may have been billed")),
      wait_seconds(counter(r, "harvest_wait_seconds_total", "Seconds a teacher with a backlog waited, by cause")),
      limit_utilization(
          gauge(r, "harvest_limit_utilization_ratio", "Use of a limit over its last window; 1 is all of it")),
      limit_effective(gauge(r, "harvest_limit_effective_ratio", "Rate asked now over the rate configured or learned")),
      inflight_requests(gauge(r, "harvest_inflight_requests", "Attempts on the wire")),
      concurrency_limit(gauge(r, "harvest_concurrency_limit",
                              "Attempts allowed on the wire, by the teacher's bound or the service's")),
      breaker_open(
          gauge(r, "harvest_breaker_open", "1 while the circuit breaker of one of its endpoints keeps attempts back")),
      teacher_halted(gauge(r, "harvest_teacher_halted", "1 while the teacher has cut us off and is not asked")),
      token_usage(histogram(r, "gen_ai_client_token_usage", "Billable tokens of one operation")),
      operation_duration(histogram(r, "gen_ai_client_operation_duration_seconds", "Time of one operation")),
      time_to_first_chunk(histogram(r, "gen_ai_client_operation_time_to_first_chunk_seconds",
                                    "Time to the first chunk of a streamed answer")),
      time_per_output_chunk(histogram(r, "gen_ai_client_operation_time_per_output_chunk_seconds",
                                      "Time between chunks of a streamed answer")),
      build_info(gauge(r, "harvest_build_info", "Always 1; its labels name the build")),
      halted(gauge(r, "harvest_halted", "1 while all asking is halted")),
      rights_alerts(gauge(r, "harvest_rights_alerts", "Rights alerts that stop training on a model's family")),
      queue_prompts(gauge(r, "harvest_queue_prompts", "Queries that have not ended, by state")),
      oldest_ready_age(gauge(r, "harvest_oldest_ready_prompt_age_seconds",
                             "How long the oldest query that could be asked has stood ready")),
      pairs_committed(counter(r, "harvest_pairs_committed_total", "Pairs durably stored")),
      commit_duration(histogram(r, "harvest_commit_duration_seconds", "Time of one group commit, fsync included")),
      last_commit_timestamp(
          gauge(r, "harvest_last_commit_timestamp_seconds", "Unix time of the last commit; 0: none yet")),
      store_free_bytes(gauge(r, "harvest_store_free_bytes", "Bytes free on the disk of the store")),
      store_errors(counter(r, "harvest_store_errors_total", "Failed operations of the store")),
      export_shards(counter(r, "harvest_export_shards_total", "Shards by what became of them")),
      job_remaining_prompts(gauge(r, "harvest_job_remaining_prompts", "Queries of a live job that have not ended")),
      job_eta(gauge(r, "harvest_job_eta_seconds", "Seconds to the end of a live job at its present rate; -1: unknown")),
      job_pairs(gauge(r, "harvest_job_pairs", "Pairs of a live job")),
      job_spend_dollars(gauge(r, "harvest_job_spend_dollars", "Dollars spent by a live job, at-risk ones included")),
      job_budget_dollars(gauge(r, "harvest_job_budget_dollars", "Cap of a live job; absent where it has none")),
      job_wait_seconds(gauge(r, "harvest_job_wait_seconds",
                             "What a live job has waited for most, in seconds; those of several teachers are added")) {}

}  // namespace harvest::observe
