#pragma once

#include <map>
#include <string>
#include <string_view>

#include "harvest/v1/answer.pb.h"
#include "harvest/v1/teacher.pb.h"
#include "service/rights/rights.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// The second gate: may this pair leave the house today? Judged against the teacher's rights as they govern now, not as
/// they were when it was asked. Reads the teachers once, when made; owned by one thread.
class ExportGate {
 public:
  /// `today`: YYYY-MM-DD, UTC.
  ExportGate(const store::Store& store, std::string today);

  /// `stamped`: the rights that the pair was asked under; they are judged where the teacher is not configured any more.
  rights::Rule judge(const v1::Pair& pair, const v1::Rights& stamped) const;

 private:
  std::string today_;
  std::map<std::string, v1::Rights, std::less<>> governing_;
};

}  // namespace harvest::publish
