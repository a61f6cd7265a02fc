#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/dialect/batch.h"
#include "service/flow/ready.h"
#include "service/flow/stream_reader.h"

namespace harvest::flow {

/// A member of a batch and what became of it.
struct MemberEnd {
  v1::Intent intent;
  dialect::HttpExchange exchange;
  dialect::Outcome outcome;
  bool asked = true;  ///< else it was cancelled or expired before its turn: it waits again, unbilled
};

/// Its name in the batch: the attempt's own id.
std::string member_name(const v1::Intent& intent);

/// The requests of these members, prompts read anew. Blocking; reader lane.
absl::StatusOr<std::vector<dialect::BatchMember>> encode_members(StreamReader& reader,
                                                                 const std::shared_ptr<const JobSpec>& spec,
                                                                 const JobSpec::AskedTeacher& asked,
                                                                 const std::vector<v1::Intent>& members);

/// What a body of results says of these members; those it names are taken out of them. Blocking; reader lane.
absl::StatusOr<std::vector<MemberEnd>> read_ends(const dialect::BatchInterface& vendor, const dialect::Dialect& dialect,
                                                 std::string_view body, std::vector<v1::Intent>& members,
                                                 int64_t utc_us);

}  // namespace harvest::flow
