#include "service/publish/coverage.h"

#include <algorithm>

namespace harvest::publish {

bool feeds(const v1::JobRecord& job, const std::string& dataset) {
  return job.job().dataset() == dataset && job.state() != v1::DRAFT;
}

std::vector<v1::Coverage> coverage_of(const std::vector<v1::JobRecord>& jobs, const std::string& dataset,
                                      const v1::Watermarks* watermarks) {
  std::vector<v1::Coverage> all;
  for (const v1::JobRecord& job : jobs) {
    if (!feeds(job, dataset)) continue;
    const v1::JobCounters& counted = job.counters();
    v1::Coverage& one = all.emplace_back();
    one.set_job_id(job.id());
    one.set_asked(counted.queries());
    one.set_answered(counted.answered());
    one.set_ended(counted.refused() + counted.rejected() + counted.quarantined() + counted.cancelled() +
                  counted.unasked());
    one.set_waiting(one.asked() - std::min(one.asked(), one.answered() + one.ended()));
    if (watermarks == nullptr) continue;
    const auto watermark = watermarks->prompts().find(job.number());
    one.set_watermark(watermark == watermarks->prompts().end() ? 0 : watermark->second);
  }
  return all;
}

}  // namespace harvest::publish
