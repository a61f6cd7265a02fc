// Control's answer to why a job takes so long.
#include <algorithm>
#include <future>
#include <memory>
#include <utility>

#include "service/flow/control.h"
#include "service/flow/explanation.h"

namespace harvest::flow {

absl::StatusOr<v1::Explanation> Control::explain(const std::string& id) const {
  auto status = job(id);
  if (!status.ok()) return status.status();
  WhyFacts facts{.job = *std::move(status)};
  const v1::JobRecord& record = facts.job.record();
  // The store's book is some seconds old: the harvester has it as it stands.
  auto promise = std::make_shared<std::promise<v1::WaitBook>>();
  auto waits = promise->get_future();
  boost::asio::post(parts_.lane, [&harvester = parts_.harvester, promise, number = record.number()] {
    promise->set_value(harvester.waits(number));
  });
  facts.waits = waits.get();
  facts.teachers = teachers();
  facts.free_bytes = parts_.board.service().free_bytes;
  facts.utc_us = parts_.clock.utc_us();
  const auto& asked = record.job().teachers();
  for (const v1::JobRecord& other : parts_.store.jobs()) {
    if (other.number() == record.number() || other.state() != v1::RUNNING) continue;
    for (const std::string& teacher : other.job().teachers())
      if (std::find(asked.begin(), asked.end(), teacher) != asked.end()) ++facts.other_jobs[teacher];
  }
  return flow::explain(facts);
}

}  // namespace harvest::flow
