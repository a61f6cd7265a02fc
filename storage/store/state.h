#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "storage/proof/right_edge.h"
#include "storage/store/keys.h"
#include "storage/store/store.h"
#include "storage/store/table.h"

namespace harvest::store {

class Database;

/// The store's own row: what is next, and how the last run ended.
struct Meta {
  uint64_t next_job = 1;
  uint64_t next_answer = 1;  // 0 is no answer
  uint64_t next_dataset = 1;
  uint64_t crash_intents_total = 0;
  uint32_t crashes_in_a_row = 0;
  bool clean = true;
  bool halted = false;
  std::string halt_reason;

  std::string encode() const;
  static Meta decode(std::string_view bytes);
};

/// The newest signed checkpoint of the log.
struct Checkpoint {
  uint64_t size = 0;
  std::string note;
};

/// The row of a teacher.
v1::TeacherStatus to_message(const TeacherState& teacher);
TeacherState from_message(const v1::TeacherStatus& row);

using StreamKey = std::pair<uint64_t, uint32_t>;  // job, stream
using DayKey = std::pair<uint32_t, std::string>;  // day, teacher or tenant

/// Everything of the store that lives in memory: O(jobs + plans + (teachers + tenants) x days + datasets + attempts in
/// flight), never O(queries).
///
/// Owned by the store; edited by the store thread; read by any thread under `mutex` (the committed view alone).
struct State {
  mutable std::mutex mutex;
  Table<char, Meta> meta{mutex};               // one row, keys::kMeta
  Table<uint64_t, v1::JobRecord> jobs{mutex};  // without counters and streams, which have rows of their own
  Table<uint64_t, v1::JobCounters> tallies{mutex};
  Table<StreamKey, v1::Stream> streams{mutex};
  Table<uint64_t, v1::WaitBook> waits{mutex};       // of jobs that ever waited
  Table<PlanKey, v1::Plan> plans{mutex};            // at most kPlansKept
  Table<std::string, uint64_t> job_ids{mutex};      // derived from jobs; no row on disk
  Table<std::string, uint64_t> submissions{mutex};  // derived from jobs; no row on disk
  Table<DayKey, TeacherDay> days{mutex};
  Table<DayKey, TenantDay> tenant_days{mutex};
  Table<std::string, TeacherState> teachers{mutex};
  Table<std::string, v1::DriftBook> drifts{mutex};  // of teachers that ever answered
  Table<uint64_t, v1::RightsAlert> alerts{mutex};
  Table<uint64_t, v1::Batch> batches{mutex};
  Table<std::string, v1::DatasetRecord> datasets{mutex};
  Table<char, proof::RightEdge> log{mutex};   // one row, keys::kEntry; derived from the entries, none on disk
  Table<char, Checkpoint> checkpoint{mutex};  // one row at most, keys::kCheckpoint

  // Store thread alone.
  absl::flat_hash_set<QueryKey> open_intents;
  /// One past the last ordinal of a stream that was refused because the disk took no writes. A place between the cursor
  /// and this is a caller's that had not heard of it yet, no broken invariant.
  absl::flat_hash_map<StreamKey, uint64_t> refused_end;

  /// Reads every row of the tables; forgets what was there.
  absl::Status load(Database& database);
  void publish();
  void drop();

  /// A job with its counters and streams, as committed. The caller holds the lock.
  v1::JobRecord assemble(const v1::JobRecord& record) const;
};

}  // namespace harvest::store
