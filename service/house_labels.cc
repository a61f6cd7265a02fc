// How the daemon labels: what by, and how often.
#include <boost/asio/post.hpp>

#include "service/benchmark_files.h"
#include "service/house.h"
#include "service/observe/log.h"

namespace harvest {
namespace {

// Labels come soon after the pairs, and nobody waits for them.
constexpr std::chrono::milliseconds kLabelsEvery{250};
// The disk took no writes, say.
constexpr std::chrono::seconds kLabelsAgain{10};

}  // namespace

absl::StatusOr<std::shared_ptr<const quality::Labeller>> Daemon::House::make_labeller() const {
  if (config_.quality().off()) return nullptr;
  auto benchmarks = read_benchmarks(config_.quality());
  if (!benchmarks.ok()) return benchmarks.status();
  return std::make_shared<const quality::Labeller>(*std::move(benchmarks), !config_.quality().near_duplicates_off());
}

/// What is decided of samples is the harvester's to know, on its lane.
std::shared_ptr<publish::UntilDecider> Daemon::House::make_decider(bool labelling) {
  if (!labelling)
    for (const v1::JobRecord& record : store_->jobs())
      if (record.state() == v1::RUNNING && !record.job().until().empty())
        observe::log::warn("until_waits", {{"job", record.id()}, {"reason", "quality.off: nothing is labelled"}});
  return std::make_shared<publish::UntilDecider>(
      *store_, [this] { return clock_.utc_us(); },
      [this](const publish::UntilDecider::Decision& decision) {
        boost::asio::post(decisions_.context(), [this, decision] {
          harvester_->sample_decided(decision.job, decision.stream, decision.ask);
        });
      });
}

std::chrono::milliseconds Daemon::House::label_some() {
  const auto more = publisher_->label_some();
  if (!more.ok()) {
    observe::log::error("labelling_failed", {{"error", more.status().message()}});
    return kLabelsAgain;
  }
  return *more ? std::chrono::milliseconds(0) : kLabelsEvery;
}

}  // namespace harvest
