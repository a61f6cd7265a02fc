#pragma once

#include "absl/status/statusor.h"
#include "harvest/v1/control.pb.h"
#include "service/flow/teacher_directory.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// What was paid, or may have been, in the words of those who reckon it up. It only reads; any thread, never a lane.
class Audit {
 public:
  Audit(const store::Store& store, const TeacherDirectory& teachers) : store_(store), teachers_(teachers) {}

  v1::LostAttempt tell(const store::LostAttempt& lost) const;

  /// Money, tokens and requests by day and teacher, days and teachers without any left out. A teacher is shown as the
  /// model that it is now. INVALID_ARGUMENT: a day that is none, or a last before the first.
  absl::StatusOr<v1::Bill> bill(const v1::GetBillRequest& request) const;

 private:
  const store::Store& store_;
  const TeacherDirectory& teachers_;
};

}  // namespace harvest::flow
