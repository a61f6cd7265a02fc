#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/publish/record_renderer.h"
#include "storage/corpus/filter.h"
#include "storage/corpus/until_rule.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// Decides, for jobs that ask until a sample is accepted, whether one is: as soon as its labels tell, and the store has
/// it before anybody hears of it.
///
///     it passes the job's filter, whatever verdicts are missing          accepted: the rest need not be asked
///     it does not, whatever verdicts are missing                         not accepted: the next one is asked
///     else                                                               it waits for verdicts
///
/// Pairs come here when they get labels: from the labeller, and from an import of verdicts. What a crash or a full disk
/// kept from being decided is found again by a walk over what waits (catch_up()).
///
/// Blocking, any thread, one at a time; never from a lane of the harvest.
class UntilDecider {
 public:
  struct Decision {
    uint64_t job = 0;
    uint32_t stream = 0;
    bool ask = false;  ///< the next sample; else the rest is not asked
  };
  /// `utc_us`: the time now. `decided` is told of what is on disk.
  UntilDecider(store::Store& store, std::function<int64_t()> utc_us, std::function<void(const Decision&)> decided)
      : store_(store), utc_us_(std::move(utc_us)), decided_(std::move(decided)) {}

  /// These pairs of one dataset bear labels that they did not bear before.
  absl::Status look_at(const std::vector<store::Store::SequencedPair>& pairs);
  /// Likewise, by their numbers.
  absl::Status look_at(const std::string& dataset, const std::vector<uint64_t>& sequences);
  /// Some of what may have been missed; true where more is left. Nothing where nothing was.
  absl::StatusOr<bool> catch_up();

 private:
  /// A job that asks until accepted, as far as its pairs are judged by it.
  struct Judge {
    corpus::UntilRule rule;
    corpus::Filter filter;
    std::vector<std::string> teachers;  ///< one of each stream; none: there is but one stream
  };
  /// Where the walk stands.
  struct Walk {
    uint64_t job = 0;  ///< jobs below this are done
    uint32_t stream = 0;
    std::optional<std::pair<int64_t, uint64_t>> after;  ///< the row that was looked at last
  };
  using Decisions = std::vector<store::DecideSample>;

  Judge* judge_of(uint64_t job);
  absl::Status judge(RecordRenderer& renderer, const store::Store::SequencedPair& pair, Decisions& decisions);
  absl::Status keep(const Decisions& decisions);
  absl::StatusOr<bool> walk_on();

  store::Store& store_;
  const std::function<int64_t()> utc_us_;
  const std::function<void(const Decision&)> decided_;
  std::mutex running_;                             ///< guards what follows
  std::map<uint64_t, std::optional<Judge>> jobs_;  ///< none: it asks all of its samples
  std::optional<Walk> walk_ = Walk{};              ///< none: nothing was missed
  bool missed_ = false;                            ///< since the walk began: it must be made again
};

}  // namespace harvest::publish
