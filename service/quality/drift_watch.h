#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harvest/v1/drift.pb.h"
#include "service/quality/canary_panel.h"

namespace harvest::quality {

/// Tells when another model than before answers under a teacher's name, as far as that can be seen from outside: by
/// whom the teacher says that it is (model and fingerprint reported with each answer), and by what it answers to
/// canaries.
///
/// Epochs number what was seen, from 1, and never go back: of two answers the one with the higher epoch came after a
/// change that the other came before. An epoch begins with an identity that was never seen, and with one that comes
/// back after a day in which only others were. Vendors serve several fingerprints at once, so those that were seen
/// within a day of each other stand side by side: going back and forth between them begins nothing, and answers of all
/// of them bear the epoch of the latest. The record names model and fingerprint beside it.
///
/// What is not reported tells nothing: an answer without a fingerprint is of any fingerprint of its model. A server
/// that makes up fingerprints begins eight epochs in a day, and no more until that day is over. Batches come back late,
/// and in any order: their answers begin an epoch only where their identity was never seen.
///
/// Pure: `utc_us` is when the answer came. One owner, who keeps the book when it `changed()`.
class DriftWatch {
 public:
  /// As it was kept: `book` of an earlier run.
  explicit DriftWatch(v1::DriftBook book = {});

  struct Identity {
    std::string_view model_reported;
    std::string_view system_fingerprint;
  };
  /// An answer came. The epoch that begins with it, or null.
  const v1::TeacherEpoch* seen(const Identity& identity, int64_t utc_us, bool by_batch = false);
  /// A round of canaries was asked (CanaryPanel::heard()). The epoch that begins with it, or null.
  const v1::TeacherEpoch* heard(const std::vector<uint64_t>& asked, const std::vector<CanaryPanel::Answered>& round,
                                int64_t utc_us);

  /// What answers bear now; 0: there was none yet.
  uint32_t epoch() const { return book_.epochs().empty() ? 0 : book_.epochs().rbegin()->number(); }
  const v1::DriftBook& book() const { return book_; }
  /// Is there something in the book that is worth to be kept? Asking makes it so no more, unless it was not_kept().
  bool changed() { return std::exchange(changed_, false); }
  void not_kept() { changed_ = true; }

 private:
  void leave_out_silence(int64_t utc_us);
  v1::DriftBook::Identity* find(const Identity& identity);
  bool knows_model(std::string_view model) const;
  bool too_many_fingerprints(int64_t utc_us) const;
  void remember(const Identity& identity, int64_t utc_us);
  const v1::TeacherEpoch* note(const Identity& identity, int64_t utc_us, bool by_batch);
  const v1::TeacherEpoch* begin(std::string cause, const Identity& identity, std::string detail, int64_t utc_us);

  v1::DriftBook book_;
  int64_t last_seen_us_ = 0;  // of any answer
  int64_t kept_at_us_ = 0;    // the book changed last
  bool changed_ = false;
};

/// How a teacher stands: its epochs, and its canaries' last round.
void report(const v1::DriftBook& book, v1::TeacherStatus& status);

/// Is an epoch that begins so worth an alert? The first one, of a teacher as it is configured, is none.
inline bool is_change(const v1::TeacherEpoch& epoch) {
  return epoch.cause() != "first";
}

}  // namespace harvest::quality
