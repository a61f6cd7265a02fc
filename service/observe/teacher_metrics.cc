#include "service/observe/teacher_metrics.h"

namespace harvest::observe {
namespace {

prometheus::Labels with(prometheus::Labels labels, const char* name, const char* value) {
  labels[name] = value;
  return labels;
}

}  // namespace

TeacherMetrics::TeacherMetrics(Families& f, const std::string& name, const std::string& model,
                               const std::string& vendor)
    : own_{{"teacher", name}, {"model", model}},
      genai_{{"gen_ai_operation_name", "chat"}, {"gen_ai_provider_name", vendor}, {"gen_ai_request_model", model}},
      // All but `other` are known outcomes; of the rest, what an alert or a panel takes a rate of.
      outcomes_(f.requests, own_, "outcome", kOutcomes, kOutcomes.size() - 1),
      attempts_(f.wire_attempts, own_, "kind", kAttemptKinds, 2),
      responses_(f.http_responses, own_, "code_class", kCodeClasses, 5),
      throttled_(f.rate_limited, own_, "dimension", kDimensions, 3),
      answers_(f.answers, own_, "trait", kAnswerTraits, kAnswerTraits.size() - 1),
      epochs_(f.teacher_epochs, own_, "cause", kEpochCauses, kEpochCauses.size() - 1),
      waits_(f.wait_seconds, own_, "cause", kDimensions, 0),
      utilization_(f.limit_utilization, own_, "dimension", kDimensions, 0),
      ambiguous_(f.ambiguous_requests.Add(own_)),
      spend_(f.spend_dollars.Add(own_)),
      at_risk_(f.spend_at_risk_dollars.Add(own_)),
      effective_(f.limit_effective.Add(own_)),
      in_flight_(f.inflight_requests.Add(own_)),
      concurrency_limit_(f.concurrency_limit.Add(own_)),
      breaker_(f.breaker_open.Add(own_)),
      halted_(f.teacher_halted.Add(own_)),
      input_tokens_(f.token_usage.Add(with(genai_, "gen_ai_token_type", "input"), kTokenBuckets)),
      output_tokens_(f.token_usage.Add(with(genai_, "gen_ai_token_type", "output"), kTokenBuckets)),
      duration_(f.operation_duration.Add(genai_, kDurationBuckets)),
      first_chunk_family_(f.time_to_first_chunk),
      output_chunk_family_(f.time_per_output_chunk) {}

TeacherMetrics::Histogram& TeacherMetrics::streamed(std::atomic<Histogram*>& handle, Families::Histograms& family) {
  if (Histogram* known = handle.load(std::memory_order_acquire)) return *known;
  Histogram& histogram = family.Add(genai_, kDurationBuckets);
  handle.store(&histogram, std::memory_order_release);
  return histogram;
}

// 429 is apart from 4xx: it is news about a limit, and counts against no success rate.
std::string_view TeacherMetrics::code_class(int status) {
  if (status == 0) return "none";
  if (status == 429) return "429";
  switch (status / 100) {
    case 2:
      return "2xx";
    case 4:
      return "4xx";
    case 5:
      return "5xx";
    default:
      return "other";
  }
}

}  // namespace harvest::observe
