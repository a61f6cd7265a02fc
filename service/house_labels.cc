// How the daemon labels: what by, and how often.
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

std::chrono::milliseconds Daemon::House::label_some() {
  const auto more = publisher_->label_some();
  if (!more.ok()) {
    observe::log::error("labelling_failed", {{"error", more.status().message()}});
    return kLabelsAgain;
  }
  return *more ? std::chrono::milliseconds(0) : kLabelsEvery;
}

}  // namespace harvest
