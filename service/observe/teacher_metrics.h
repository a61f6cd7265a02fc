#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "service/observe/families.h"
#include "service/observe/label_set.h"

namespace harvest::observe {

/// What is counted of one teacher. Obtained once from Metrics::teacher() and kept for the teacher's life: every verb is
/// then one or two atomic adds (histograms: one uncontended lock). Any thread.
///
/// Verbs take the names that the rest of the house uses (`answered`, `retry`, limit::name_of()); one outside its closed
/// set is counted as `other`.
class TeacherMetrics {
 public:
  TeacherMetrics(Families& families, const std::string& name, const std::string& model, const std::string& vendor);

  /// An attempt's bytes are about to leave. kind: first, retry, hedge; or resend_blocked, when libcurl was kept from
  /// it.
  void attempt(std::string_view kind) { attempts_[kind].Increment(); }
  /// HTTP status of a response; 0: there was none.
  void response(int status) { responses_[code_class(status)].Increment(); }
  /// What the attempt came to: answered, refused, throttled, faulted, rejected, halted.
  void outcome(std::string_view kind) { outcomes_[kind].Increment(); }
  void throttled(std::string_view dimension) { throttled_[dimension].Increment(); }
  /// One answer, by one of its traits: plain, or refused, truncated, empty, duplicate.
  void answer(std::string_view trait) { answers_[trait].Increment(); }
  /// Another model answers than before: cause model_reported, system_fingerprint or canaries.
  void epoch(std::string_view cause) { epochs_[cause].Increment(); }
  void ambiguous() { ambiguous_.Increment(); }
  /// Billable tokens of one answer.
  void usage(double input_tokens, double output_tokens) {
    input_tokens_.Observe(input_tokens);
    output_tokens_.Observe(output_tokens);
  }
  void duration(double seconds) { duration_.Observe(seconds); }
  void first_chunk(double seconds) { streamed(first_chunk_, first_chunk_family_).Observe(seconds); }
  void output_chunk(double seconds) { streamed(output_chunk_, output_chunk_family_).Observe(seconds); }
  void spend(double usd) { spend_.Increment(usd); }
  void at_risk(double usd) { at_risk_.Increment(usd); }
  /// A teacher with a backlog waited so long for `cause`.
  void waited(std::string_view cause, double seconds) { waits_[cause].Increment(seconds); }

  void limit_utilization(std::string_view dimension, double ratio) { utilization_[dimension].Set(ratio); }
  void limit_effective(double ratio) { effective_.Set(ratio); }
  void in_flight(double n) { in_flight_.Set(n); }
  void concurrency_limit(double n) { concurrency_limit_.Set(n); }
  void breaker(bool open) { breaker_.Set(open ? 1 : 0); }
  void halted(bool is) { halted_.Set(is ? 1 : 0); }

  static std::string_view code_class(int status);

 private:
  using Counter = prometheus::Counter;
  using Gauge = prometheus::Gauge;
  using Histogram = prometheus::Histogram;

  /// Chunk times exist for streamed answers only: no teacher pays twenty series for what it never does.
  Histogram& streamed(std::atomic<Histogram*>& handle, Families::Histograms& family);

  const prometheus::Labels own_;    // teacher, model
  const prometheus::Labels genai_;  // OpenTelemetry's
  LabelSet<Counter> outcomes_, attempts_, responses_, throttled_, answers_, epochs_, waits_;
  LabelSet<Gauge> utilization_;
  Counter &ambiguous_, &spend_, &at_risk_;
  Gauge &effective_, &in_flight_, &concurrency_limit_, &breaker_, &halted_;
  Histogram &input_tokens_, &output_tokens_, &duration_;
  Families::Histograms &first_chunk_family_, &output_chunk_family_;
  std::atomic<Histogram*> first_chunk_{nullptr}, output_chunk_{nullptr};
};

}  // namespace harvest::observe
