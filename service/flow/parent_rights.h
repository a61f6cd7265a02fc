#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "harvest/v1/job.pb.h"
#include "harvest/v1/query.pb.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// Prompts that are made of pairs already held, and what those pass on: what a teacher said does not become free by
/// being asked about. Read from the store, not believed of whoever submits. Blocking; one call's, on one thread.
class ParentRights {
 public:
  /// `today`: YYYY-MM-DD, UTC.
  ParentRights(const store::Store& store, std::string today);

  /// Of a prompt with parents: its source's licence names theirs (their teachers' and their prompts'), its customer is
  /// theirs, and its source, where none is stated, is their dataset. PERMISSION_DENIED: the rights of a parent's
  /// teacher do not permit the job's use, or a rights alert on its model stands before it. INVALID_ARGUMENT: it has no
  /// such parent, or parents of several customers.
  absl::Status pass_on(const v1::JobRecord& job, v1::Prompt& prompt);

 private:
  absl::Status pass_on(const v1::JobRecord& job, const std::string& record_id, v1::Prompt& prompt);

  v1::Teacher teacher_of(const v1::Pair& pair) const;
  absl::Status may_be_used(const v1::Pair& pair, const v1::Use& use, int generation) const;

  const store::Store& store_;
  const std::string today_;
  // Read when first needed.
  std::map<std::string, v1::Teacher> governing_;  ///< by name
  std::vector<v1::RightsAlert> alerts_;
};

}  // namespace harvest::flow
