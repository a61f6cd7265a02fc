#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/text/ulid.h"
#include "service/flow/fallback_route.h"
#include "service/flow/job_spec.h"
#include "service/flow/ready.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// What is to be read: the next queries of one stream.
struct ReadOrder {
  std::shared_ptr<const JobSpec> spec;
  uint32_t stream = 0;
  std::optional<uint64_t> next_fresh;  ///< first ordinal that was not yet read; none: the stream's cursor on disk
  absl::flat_hash_set<uint64_t> held;  ///< postponed ordinals already in memory
  FallbackRoute route;                 ///< FALLBACK: who is asked in whose stead
  size_t limit = 0;
  int64_t utc_us = 0;
  uint64_t generation = 0;  ///< of the stream's opening: an answer to an earlier one is dropped
};

struct ReadResult {
  absl::Status status;
  uint64_t job = 0;
  uint32_t stream = 0;
  uint64_t generation = 0;
  std::vector<ReadyPtr> queries;  ///< due postponed ones first, then fresh ones in order; tickets not yet taken
  uint64_t next_fresh = 0;
  std::optional<int64_t> next_due_us;  ///< earliest postponed row that is not in `queries`
};

/// Reads a bounded window of a stream from disk and makes it ready to be asked: prompts expanded, sampling merged,
/// identities computed, known answers looked up (and their pairs prepared). Blocking: runs on the reader lane, never on
/// the decision lane.
class StreamReader {
 public:
  /// `may_reuse`: do the rights of the teacher that answered permit this use? Must be safe to call from the reader
  /// lane.
  using MayReuse = std::function<bool(const std::string& teacher, const v1::Use& use)>;
  StreamReader(const store::Store& store, MayReuse may_reuse) : store_(store), may_reuse_(std::move(may_reuse)) {}

  ReadResult read(const ReadOrder& order);
  /// A query that was asked before this run began, or long ago: as it was made ready then. (Of a job whose teachers
  /// have a stream each.)
  absl::StatusOr<ReadyPtr> revive(const std::shared_ptr<const JobSpec>& spec, const v1::Intent& intent) const;

 private:
  absl::Status make_ready(const ReadOrder& order, v1::Prompt prompt, const std::string& fallback_to,
                          Ready& query) const;
  absl::Status expand(const ReadOrder& order, ReadResult& result) const;
  void find_known(const ReadOrder& order, std::vector<ReadyPtr>& queries);
  absl::Status reuse(const ReadOrder& order, store::KnownAnswer known, const Candidate& candidate, Ready& query);

  const store::Store& store_;
  MayReuse may_reuse_;
  text::UlidSource ulids_;
};

}  // namespace harvest::flow
