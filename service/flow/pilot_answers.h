#pragma once

#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "harvest/v1/answer.pb.h"
#include "harvest/v1/job.pb.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// What the teachers of a pilot came to: its answers, also those that were cut off and serve no other query, and its
/// queries that ended without one. By teacher and query.
class PilotAnswers {
 public:
  struct Ended {
    bool without_answer = true;
    v1::Answer answer;
    uint32_t choice = 0;
  };

  PilotAnswers() = default;  ///< none was asked
  /// Reads what a job of a pilot has stored by now. Blocking.
  static absl::StatusOr<PilotAnswers> of(const store::Store& store, const v1::JobRecord& pilot);

  /// Null: not asked, or not ended.
  const Ended* find(const std::string& teacher, const store::Identity& identity) const;

 private:
  std::map<std::pair<std::string, store::Identity>, Ended> ended_;
};

/// Who a query of this prompt is, as a job asks it of this teacher.
store::Identity identity_of(const v1::Job& job, const v1::Teacher& teacher, const v1::Prompt& prompt, uint32_t sample);

}  // namespace harvest::flow
