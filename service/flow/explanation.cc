#include "service/flow/explanation.h"

#include <algorithm>
#include <set>

#include "service/flow/advice.h"
#include "service/flow/wait_book.h"
#include "service/flow/wait_figures.h"

namespace harvest::flow {

namespace {

/// Until the job ended, or now.
std::chrono::microseconds life_of(const WhyFacts& facts) {
  const v1::JobRecord& record = facts.job.record();
  const int64_t end_us = record.finished_at_us() > 0 ? record.finished_at_us() : facts.utc_us;
  return std::chrono::microseconds(std::max<int64_t>(0, end_us - record.created_at_us()));
}

/// With what no tick sees: that a job is paused since before the service began, or is not committed yet.
v1::WaitBook complete(const WhyFacts& facts) {
  const v1::JobRecord& record = facts.job.record();
  WaitBook book(facts.waits, {});
  const std::chrono::nanoseconds rest = life_of(facts) - book.counted();
  if (record.state() == v1::PAUSED) book.add("", {cause_of_pause(record.reason())}, rest);
  if (record.state() == v1::DRAFT) book.add("", {cause::kSubmission}, rest);
  return book.rows();
}

}  // namespace

v1::Explanation explain(const WhyFacts& facts) {
  v1::Explanation explanation;
  *explanation.mutable_job() = facts.job;
  explanation.set_seconds(std::chrono::duration<double>(life_of(facts)).count());
  const v1::WaitBook waits = complete(facts);
  std::set<std::string> teachers;
  for (const v1::Wait& wait : waits.waits())
    if (!wait.teacher().empty()) teachers.insert(wait.teacher());
  const double each = static_cast<double>(std::max<size_t>(1, teachers.size()));
  const auto weight = [each](const auto& wait) { return wait.teacher().empty() ? each : 1; };

  double all = 0;
  for (const v1::Wait& wait : waits.waits()) {
    if (wait.us() <= 0) continue;
    v1::Explanation::Cause* cause = explanation.add_causes();
    cause->set_teacher(wait.teacher());
    cause->set_cause(wait.cause());
    cause->set_seconds(static_cast<double>(wait.us()) / 1e6);
    cause->set_detail(figures_of(wait.cause(), find_teacher(facts, wait.teacher()), facts));
    all += cause->seconds() * weight(*cause);
  }
  for (v1::Explanation::Cause& cause : *explanation.mutable_causes())
    cause.set_share(cause.seconds() * weight(cause) / all);
  std::stable_sort(explanation.mutable_causes()->begin(), explanation.mutable_causes()->end(),
                   [](const auto& a, const auto& b) { return a.seconds() > b.seconds(); });
  for (std::string& sentence : advice(explanation, facts)) explanation.add_advice(std::move(sentence));
  return explanation;
}

}  // namespace harvest::flow
