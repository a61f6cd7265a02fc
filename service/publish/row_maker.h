#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"
#include "service/publish/export_gate.h"
#include "service/publish/record_renderer.h"
#include "storage/corpus/profile.h"
#include "storage/corpus/where.h"
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
  absl::StatusOr<std::string_view> make_row(const store::Store::SequencedPair& pair);

  // ---- of the last row; until the next call ----
  const std::string& line() const { return line_; }  ///< without a newline
  const v1::Rights& rights() const { return *rights_; }

 private:
  RowMaker(const store::Store& store, const ExportGate& gate, corpus::Where where, corpus::Profile profile)
      : store_(store),
        gate_(gate),
        renderer_(store),
        where_(std::move(where)),
        row_(where_.columns()),
        profile_(profile) {}
  std::string_view write_line(const corpus::RecordFacts& facts);

  absl::StatusOr<rights::Rule> judge(const v1::Pair& pair, int generation);

  const store::Store& store_;
  const ExportGate& gate_;
  RecordRenderer renderer_;
  corpus::Where where_;
  corpus::Row row_;  ///< what the filter asks about
  corpus::Profile profile_;
  std::string line_;
  const v1::Rights* rights_ = nullptr;
};

}  // namespace harvest::publish
