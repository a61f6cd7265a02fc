#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harvest/v1/control.pb.h"
#include "service/publish/until_decider.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// Brings in verdicts of the team's own verifiers, by record id. They stand beside the labels of our rules, of each
/// rule the last one that was brought in, and no relabelling touches them. What was published already stays as it is.
///
/// Blocking, any thread; one message at a time.
class LabelImport {
 public:
  /// `decider`: told of pairs that bear new verdicts; null: no job waits for any.
  explicit LabelImport(store::Store& store, std::shared_ptr<UntilDecider> decider = nullptr)
      : store_(store), decider_(std::move(decider)) {}

  /// One message, whole or not at all: durable when this returns. Ids that are no records of the dataset are counted,
  /// and the first of them named. `by`: the principal. NOT_FOUND: the dataset; INVALID_ARGUMENT names the verdict.
  absl::StatusOr<v1::ImportLabelsReply> import(const v1::ImportLabelsRequest& request, const std::string& by);

 private:
  store::Store& store_;
  const std::shared_ptr<UntilDecider> decider_;
  std::mutex running_;  ///< rows are read, added to and put back
};

/// What is wrong with an imported label: its rule is 1 to 64 of a-z, 0-9, `_`, `.` and `-`; its value at most 200 bytes
/// without control characters, `|` and `'`, so that a filter can name it.
absl::Status check_imported_label(const v1::Label& label);

}  // namespace harvest::publish
