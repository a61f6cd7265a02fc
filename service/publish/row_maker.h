#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"
#include "service/publish/export_gate.h"
#include "service/publish/record_renderer.h"
#include "storage/corpus/filter.h"
#include "storage/corpus/preference.h"
#include "storage/corpus/profile.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// A pair's row in a view, or the rule that keeps it out: the export gate's (of the pair, or of one that it was made
/// from), the filter's (`where`), the profile's
/// (`profile`), or that its answer cannot be read (`answer_unreadable`). The same pair under the same rights gives the
/// same row. For one run on one thread.
class RowMaker {
 public:
  /// INVALID_ARGUMENT: the view has a filter or a profile that this version does not know. Store and gate must outlive
  /// it.
  static absl::StatusOr<std::unique_ptr<RowMaker>> make(const store::Store& store, const ExportGate& gate,
                                                        const v1::View& view);

  /// The rule; empty where there is a row. Errors are those of the store.
  /// `agreement`: what the row is to say of it. Of a profile that rows of several pairs have (preference) this only
  /// says whether the pair may be in one.
  absl::StatusOr<std::string_view> make_row(const store::Store::SequencedPair& pair, double agreement = -1);
  /// Of two that make_row() let through, which are answers to one prompt: their row. Errors are those of the store.
  absl::Status make_preference(const store::Store::SequencedPair& chosen, const store::Store::SequencedPair& rejected);

  corpus::Profile profile() const { return profile_; }

  // ---- of the last row; until the next call ----
  const std::string& line() const { return line_; }  ///< without a newline
  const v1::Rights& rights() const { return *rights_; }
  const v1::Rights& rejected_rights() const { return *rejected_rights_; }  ///< of make_preference()
  double standing() const { return standing_; }                            ///< preference: less is better
  /// A hash of what its answer comes to (corpus/final_answer.h).
  uint64_t said() const { return said_; }

  /// said() is wanted from now on.
  void listen() { wants_said_ = true; }

 private:
  RowMaker(const store::Store& store, const ExportGate& gate, corpus::Filter filter, corpus::Profile profile)
      : store_(store), gate_(gate), renderer_(store), rejected_(store), filter_(std::move(filter)), profile_(profile) {}
  std::string_view write_line(const corpus::RecordFacts& facts);
  std::string_view stand(const corpus::RecordFacts& facts);

  absl::StatusOr<rights::Rule> judge(const v1::Pair& pair, int generation);

  const store::Store& store_;
  const ExportGate& gate_;
  RecordRenderer renderer_;
  RecordRenderer rejected_;
  corpus::Filter filter_;
  std::optional<corpus::Preference> preference_;
  corpus::Profile profile_;
  std::string line_;
  const v1::Rights* rights_ = nullptr;
  const v1::Rights* rejected_rights_ = nullptr;
  double standing_ = 0;
  uint64_t said_ = 0;
  bool wants_said_ = false;
};

}  // namespace harvest::publish
