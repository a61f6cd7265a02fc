#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/proof/right_edge.h"
#include "storage/proof/tile.h"
#include "storage/store/change.h"

namespace rocksdb {
class FileSystem;
}

namespace harvest::store {

struct Options {
  std::string path;
  size_t memtable_bytes = 32 << 20;
  size_t block_cache_bytes = 16 << 20;
  /// How often a disk that took no writes is tried again.
  std::chrono::milliseconds retry_every{1000};
  /// Told how long each group's write took, fsync included. On the store thread: it must only note it.
  std::function<void(std::chrono::nanoseconds)> written;
  /// For tests: a file system that loses or fails writes. Empty: the machine's.
  std::shared_ptr<rocksdb::FileSystem> file_system;
};

/// What one teacher used of one UTC day.
struct TeacherDay {
  uint64_t requests = 0;
  int64_t spent_picodollars = 0;
  int64_t at_risk_picodollars = 0;
  int64_t input_tokens = 0;  ///< as billed; 0 in rows written before tokens were counted
  int64_t output_tokens = 0;
  uint64_t requests_before = 0;  ///< of the requests, those sent before the vendor's day that began on this UTC day did
  int64_t last_request_us = 0;   ///< when the last of them was sent; 0 in rows written before that was kept
};

/// An attempt that a crash left open: it may have been billed without an answer.
struct LostAttempt {
  v1::Intent intent;
  int64_t found_at_us = 0;  ///< of the start that found it
};

/// What one tenant's jobs spent on one UTC day.
struct TenantDay {
  int64_t spent_picodollars = 0;
  int64_t at_risk_picodollars = 0;
};

struct TeacherState {
  v1::Teacher teacher;  ///< with rights.version
  bool halted = false;
  std::string halt_reason;
  int64_t halted_until_us = 0;  ///< the vendor named the moment; 0: until an operator lifts it
  bool paused = false;
  std::string pause_reason;
  std::vector<v1::Prices> imported_prices;
  v1::Verification verification;  ///< of the last probe that was answered; at_us 0: none
  bool has_answered = false;      ///< ever
  v1::FoundLimits found_limits;
};

/// What opening found: the crash report of the run before. Members of batches are not in it: their vendor has them, or
/// is asked about them.
struct StartReport {
  /// Open intents: attempts that may have been billed without an answer. Each is already booked as at risk and
  /// postponed (or ended as quarantined, in its third crash in a row).
  /// Also those of earlier starts that failed before begin_serving().
  std::vector<v1::Intent> crash_intents;
  bool clean = true;              ///< the run before ended by close()
  uint32_t crashes_in_a_row = 0;  ///< without one settled answer between
};

struct KnownAnswer {
  uint64_t answer = 0;
  uint32_t choice = 0;
  uint32_t raw_bytes = 0;
};

/// Null where the dataset has no view of that name.
const v1::ViewRecord* view_of(const v1::DatasetRecord& dataset, std::string_view name);

/// Start here. Everything that must outlive a crash: prompts, intents, answers, pairs, money, segments, manifests.
///
/// Writes: apply() hands a Change to the one store thread, which joins what has gathered while the last fsync ran into
/// one atomic, synced batch (natural group commit, no timer) and then calls the handlers, on its own thread, in order.
/// A handler must only hand the news on. When the disk is full: Reserve, AddPrompts and other changes fail with
/// RESOURCE_EXHAUSTED; Settle, Postpone and End of attempts are kept in memory, retried once a second, and their
/// handlers wait. Reads: any thread, always of committed state. Knows no clock, no network, no log: times come in the
/// changes. One process owns a store: a second open is FAILED_PRECONDITION and names the holder's pid. A store written
/// by a newer schema is FAILED_PRECONDITION too, and untouched. Keyspace byte by byte: README.md.
class Store {
 public:
  using Done = absl::AnyInvocable<void(const absl::Status&, const Applied&)>;

  /// `utc_us`: now; crash intents are postponed to it.
  static absl::StatusOr<std::unique_ptr<Store>> open(const Options& options, int64_t utc_us);
  ~Store();  ///< as close(), but the run counts as crashed where close() was not called
  /// The start succeeded: its report is with a run that serves, and is not told again. Before close().
  absl::Status begin_serving();
  /// Ends the store thread after what is queued; marks the run as clean.
  absl::Status close();
  /// close() for a run that ends before it served: the next start reports what this one found, as if it had not been.
  absl::Status give_back();

  void apply(Change&& change, Done done);
  /// Called on the store thread after the handlers of each group, so that whoever hands their news on can wake its lane
  /// once per group rather than once per change. One listener; empty: none.
  void after_each_group(std::function<void()> listener);
  /// For callers off the lanes (API handlers, tests): waits for the fsync.
  absl::StatusOr<Applied> apply_and_wait(Change change);

  const StartReport& start_report() const;
  uint64_t crash_intents_total() const;  ///< over the store's life
  /// Every attempt that a crash ever left open, oldest first, behind the one of this id (empty: from the first). Those
  /// of before such rows were written are only counted, in crash_intents_total().
  std::vector<LostAttempt> lost_attempts(std::string_view after_id, size_t limit) const;
  /// Changes that wait for the disk to take them again (0 when healthy), and why.
  size_t stalled_changes() const;
  absl::Status health() const;

  // ---- jobs ----
  std::vector<v1::JobRecord> jobs() const;  ///< oldest first
  absl::StatusOr<v1::JobRecord> job(uint64_t number) const;
  absl::StatusOr<v1::JobRecord> find_job(std::string_view id) const;                    ///< NOT_FOUND
  absl::StatusOr<v1::JobRecord> find_submission(std::string_view submission_id) const;  ///< NOT_FOUND
  /// What a job has waited for; empty where nothing was noted.
  v1::WaitBook waits(uint64_t job) const;
  absl::StatusOr<v1::Plan> plan(const PlanKey& key) const;  ///< NOT_FOUND where none is kept
  /// Prompts [first, first + count), fewer at the end. Blocks are cached, so reading on is cheap.
  absl::StatusOr<std::vector<v1::Prompt>> prompts(uint64_t job, uint64_t first, size_t count) const;
  /// Postponed rows of a stream due at or before `until_us`, earliest first, after the row (`after_due`,
  /// `after_ordinal`).
  std::vector<v1::Postponed> postponed(uint64_t job, uint32_t stream, int64_t until_us, size_t limit,
                                       std::optional<std::pair<int64_t, uint64_t>> after = std::nullopt) const;
  std::optional<int64_t> next_due_us(uint64_t job, uint32_t stream) const;
  /// The row of a prompt's next sample, while it is not decided whether that is asked (kUndecided).
  std::optional<v1::Postponed> undecided(uint64_t job, uint32_t stream, uint64_t ordinal) const;
  /// Every query of the prompts below this has ended; of a job that is over, of all of its prompts. What they were
  /// answered is among the pairs of a dataset that is read afterwards (but for what is being kept just now). Walks what
  /// is in flight and postponed.
  absl::StatusOr<uint64_t> first_open_prompt(uint64_t job) const;
  std::vector<v1::Ending> endings(uint64_t job, uint64_t skip, size_t limit) const;

  // ---- answers and pairs ----
  /// One entry per identity, empty where the tenant has no whole answer to it.
  std::vector<std::optional<KnownAnswer>> find_answers(std::string_view tenant,
                                                       const std::vector<Identity>& identities) const;
  absl::StatusOr<v1::Answer> answer(uint64_t number) const;
  struct SequencedPair {
    uint64_t sequence = 0;
    v1::Pair pair;
    uint64_t dataset = 0;  ///< DatasetRecord.number
  };
  std::vector<SequencedPair> pairs(std::string_view dataset, uint64_t first, size_t limit) const;
  struct FoundPair {
    std::string dataset;
    SequencedPair pair;
  };
  absl::StatusOr<FoundPair> find_pair(std::string_view record_id) const;
  /// In this dataset alone. NOT_FOUND also for a pair whose id's time lies more than 15 minutes from its arrival.
  absl::StatusOr<SequencedPair> find_pair(std::string_view dataset, std::string_view record_id) const;

  // ---- labels ----
  struct SequencedLabels {
    uint64_t sequence = 0;
    bool labelled = false;  ///< by rules of ours, of now or of before
    v1::PairLabels labels;  ///< ours, then those brought in
  };
  /// Of the pairs in [first, first + limit) that have any; `dataset`: its number.
  std::vector<SequencedLabels> labels(uint64_t dataset, uint64_t first, uint64_t limit) const;
  v1::PairLabels imported_labels(uint64_t dataset, uint64_t sequence) const;
  /// Which rules, and how far they have come.
  struct LabelCursor {
    std::string rules;
    uint64_t labelled = 0;  ///< pairs below this
  };
  LabelCursor label_cursor(uint64_t dataset) const;
  /// The index of near-duplicates: of each band the heads that it names, none where there is no such row; and heads, as
  /// far as they are there.
  std::vector<std::vector<uint64_t>> near_bands(uint64_t dataset, const std::vector<uint64_t>& bands) const;
  std::vector<NearHead> near_heads(uint64_t dataset, const std::vector<uint64_t>& sequences) const;

  // ---- batches ----
  std::vector<v1::Batch> batches() const;  ///< all that there ever were, by number
  /// What of a batch has not come to rest, in its stream's order.
  std::vector<v1::Intent> members(const v1::Batch& batch) const;

  // ---- teachers and the service ----
  std::vector<TeacherState> teachers() const;
  /// What tells when a teacher changes silently; empty where it never answered.
  v1::DriftBook drift(const std::string& teacher) const;
  TeacherDay teacher_day(std::string_view teacher, uint32_t day) const;
  TenantDay tenant_day(std::string_view tenant, uint32_t day) const;
  struct DayOfTeacher {
    uint32_t day = 0;
    std::string teacher;
    TeacherDay figures;
  };
  /// Days in [first, last], by day and teacher.
  std::vector<DayOfTeacher> teacher_days(uint32_t first, uint32_t last) const;
  /// By number; few.
  std::vector<v1::RightsAlert> alerts() const;
  bool halted() const;
  std::string halt_reason() const;

  // ---- datasets ----
  std::vector<v1::DatasetRecord> datasets() const;
  absl::StatusOr<v1::DatasetRecord> dataset(std::string_view name) const;
  std::vector<v1::Segment> segments(std::string_view dataset, uint64_t first_number) const;
  std::vector<v1::Cut> cuts(std::string_view dataset, std::string_view view) const;
  absl::StatusOr<std::string> manifest(std::string_view dataset, std::string_view view,
                                       uint64_t version) const;  ///< NOT_FOUND

  // ---- the transparency log ----
  /// Its size and root as committed. It only grows; a store of before begins one.
  proof::RightEdge log() const;
  /// Entries [first, first + count): canonical JSON (storage/corpus/log_entry.h). OUT_OF_RANGE past the end; DATA_LOSS
  /// where rows are missing.
  absl::StatusOr<std::vector<std::string>> log_entries(uint64_t first, uint64_t count) const;
  /// Tiles that the log has at some size up to its own, each of as many hashes as its width says.
  absl::StatusOr<std::vector<std::string>> log_tiles(std::span<const proof::Tile> tiles) const;
  /// The newest that was signed, a note's bytes; empty: none yet.
  std::string checkpoint() const;
  /// Who asked for what and why, by the index of its entry: corpus::command_record(); empty where there is none.
  std::string logged_command(uint64_t index) const;
  /// For any size up to the log's own (storage/proof/tree.h).
  absl::StatusOr<std::vector<proof::Hash>> log_inclusion(uint64_t index, uint64_t size) const;
  absl::StatusOr<std::vector<proof::Hash>> log_consistency(uint64_t old_size, uint64_t size) const;

 private:
  struct Impl;
  absl::Status end(bool served);
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace harvest::store
