#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harvest/v1/answer.pb.h"
#include "harvest/v1/batch.pb.h"
#include "harvest/v1/dataset.pb.h"
#include "harvest/v1/drift.pb.h"
#include "harvest/v1/job.pb.h"
#include "harvest/v1/query.pb.h"
#include "harvest/v1/teacher.pb.h"
#include "storage/corpus/log_entry.h"

/// Everything that can happen to the store, as plain values. Each change is one atomic batch; the store thread joins
/// whatever changes have gathered into one write and one fsync.
namespace harvest::store {

/// SHA-256 of a query's canonical form. Never leaves the store.
using Identity = std::array<uint8_t, 32>;

/// Where a query rests before it is asked: not yet taken from its stream (no due time; then it must be the stream's
/// cursor), or in the row of postponed queries under this due time. A group, consecutive samples of one prompt that one
/// attempt asks for, leaves as one: each of its queries has a row of its own, all due at that time.
struct Place {
  uint64_t job = 0;
  uint32_t stream = 0;
  uint64_t ordinal = 0;
  std::optional<int64_t> due_at_us;
  uint32_t queries = 1;  ///< of a group: consecutive ordinals from `ordinal`
};

/// What an ended attempt is booked with: job, teacher-day.
struct Charge {
  int64_t spent_picodollars = 0;
  int64_t at_risk_picodollars = 0;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
};

/// Whole, and not yet at rest: its vendor has it, or may have.
inline bool is_under_way(const v1::Batch& batch) {
  return batch.state() == v1::SEALED || batch.state() == v1::HANDED_IN;
}

/// How many consecutive ordinals it covers.
inline uint32_t queries_of(const v1::Intent& intent) {
  return intent.choices() > 1 ? intent.choices() : 1;
}

/// How many ordinals a prompt has in each stream: one for each of its samples; one alone where they are asked one after
/// the other, until one is accepted (Job.until), as a conversation has one for all of its turns.
inline uint32_t ordinals_per_prompt(const v1::Job& job) {
  return job.until().empty() ? std::max(1u, job.samples()) : 1;
}
/// Which sample of its prompt. `turn` is its row's: of samples that are asked one after the other it counts them.
inline uint32_t sample_at(const v1::Job& job, uint64_t ordinal, uint32_t turn) {
  return job.until().empty() ? static_cast<uint32_t>(ordinal % ordinals_per_prompt(job)) : turn;
}
/// Turns of a conversation after its first, or samples that are asked only where none before was accepted.
inline uint32_t later_turns(const v1::Job& job, const v1::Prompt& prompt) {
  return job.until().empty() ? static_cast<uint32_t>(prompt.later_turns_size()) : std::max(1u, job.samples()) - 1;
}
/// When the row of a sample is due while it is not known whether the one before it is accepted: never, until a
/// DecideSample.
inline constexpr int64_t kUndecided = std::numeric_limits<int64_t>::max();

// ---- the way of a query ----

/// Intent on disk before bytes leave. The query leaves its place (cursor or postponed row) in the same batch; a group
/// has one intent, under its first ordinal, that says how many it covers.
struct Reserve {
  Place from;
  v1::Intent intent;
};
/// A query leaves its stream's cursor to wait in a row of its own (an identical query is in flight). Of a group, each
/// does: `to` is the first one's row.
struct Park {
  Place from;
  v1::Postponed to;
};
/// The attempt ended without an answer and will be made again: intent closed, charge booked, row written. Of a group, a
/// row each: `to` is the first one's.
struct Postpone {
  v1::Intent intent;
  v1::Postponed to;
  Charge charge;
};
/// What is the same in every answer and pair that a job gets from a teacher, serialized once: a pair has some twenty
/// such fields, and making and writing them anew took a tenth of its CPU.
struct Stamp {
  std::string answer;  ///< a serialized Answer; a settlement's own fields are merged over it
  std::string pair;    ///< a serialized Pair, likewise
  std::string tenant;
  std::string teacher;  ///< of the pairs, for the log
  std::string licence;  ///< of what the teacher answers, where a pair states no other; for the log
};
/// How its conversation goes on from a turn that came to rest: the row of the next turn, due at once, under the same
/// ordinal (the store sets that); or, where it ends here, the turns that are not asked any more. Both empty: there are
/// no turns after this one.
struct Onward {
  std::optional<v1::Postponed> next;
  uint32_t unasked = 0;
};
/// What one query got of an answer.
struct Settled {
  v1::Pair pair;  ///< `answer` and `log_index` are filled in by the store
  Identity identity{};
  bool reusable = false;  ///< whole: goes into the identity index
  bool truncated = false;
  bool empty = false;  ///< for the job's counters, as the next
  bool duplicate = false;
  Onward onward;
};
/// The attempt was answered (or refused, which is an answer): answer, pairs, identity index, counters.
struct Settle {
  v1::Intent intent;
  v1::Answer answer;
  std::string dataset;
  std::vector<Settled> samples;  ///< from the intent's first ordinal on; one at least
  v1::Postponed rest;            ///< the row of each that the answer holds nothing for; the store sets its ordinal
  /// The other call of a hedged attempt, still out: a lost attempt, booked at its bound, until a SettleLate.
  std::optional<v1::Intent> late;
  std::shared_ptr<const Stamp> stamp;  ///< null: answer and pairs are complete as they stand
  Charge charge;
};
/// A second call is made beside a slow one. `intent` is the attempt's, raised to bound both; on disk before the second
/// call's bytes leave.
struct Hedge {
  v1::Intent intent;
};
/// The call that a hedged attempt did not wait for has ended: lost no more, and booked at what it came to instead of
/// its bound. An answer is kept, though no pair is made of it: it was paid for.
struct SettleLate {
  v1::Intent intent;  ///< Settle.late
  Charge charge;
  std::optional<v1::Answer> answer;
  std::shared_ptr<const Stamp> stamp;  ///< of the answer, as in Settle
};
/// A query whose answer is known already becomes a pair without an attempt.
struct Reuse {
  Place from;
  std::string dataset;
  v1::Pair pair;           ///< `answer` names the known answer
  uint64_t raw_bytes = 0;  ///< the answer's raw size (KnownAnswer has it): counts toward the dataset's open segment
  int64_t saved_picodollars = 0;  ///< this query's share of what the answer cost
  Onward onward;
};
/// A query ends without an answer, by name. From an attempt (intent, charge) or from where it rested. Of a group, each
/// ends: `ending` is the first one's.
struct End {
  std::optional<v1::Intent> intent;
  std::optional<Place> from;
  v1::Ending ending;
  bool quarantined = false;
  Charge charge;
  /// Of a conversation: the turns after this one, which are not asked, and the records of those before it, so that a
  /// retry goes on where it stood.
  uint32_t unasked = 0;
  std::vector<std::string> parent_record_ids{};
};

/// It is known whether a sample is accepted: the row of the next one, which waits under kUndecided, becomes due
/// (`ask`); or it goes, and this sample and those after it count as unasked. Nothing happens where no row of that
/// sample waits there: it was decided before.
struct DecideSample {
  uint64_t job = 0;
  uint32_t stream = 0;
  uint64_t ordinal = 0;
  uint32_t sample = 0;  ///< the next one: its row's turn
  bool ask = false;
  int64_t at_us = 0;
};

// ---- pairs from elsewhere ----

/// Prompts with their answers, made elsewhere: prompts, answers and pairs of a job that asks nothing. The first chunk
/// makes the job, finished as it stands; later ones find it by its submission id. Idempotent: what is held already
/// changes nothing; a gap is FAILED_PRECONDITION. Nothing is booked, and no answer goes into the identity index: none
/// was paid for here.
struct ImportPairs {
  struct Made {
    v1::Answer answer;  ///< `job` is filled in by the store
    v1::Pair pair;      ///< `answer` and `job_number` are
  };
  v1::JobRecord record;  ///< number is assigned by the store
  uint64_t first = 0;    ///< index in the job
  std::string block;     ///< a serialized PromptBlock, a prompt for each of `made`
  std::vector<Made> made;
};

// ---- batches ----

/// A batch begins, or stands otherwise than before: the whole row, under a number of the caller's. It is there before
/// the first of its members is reserved (Intent.batch), and before each step that it tells of is built upon.
struct PutBatch {
  v1::Batch batch;
};

// ---- jobs ----

/// What a plan was made for: whose job, over which prompts, and what else of the job shapes its cost and time, the
/// latter two as SHA-256.
struct PlanKey {
  std::string tenant;
  std::array<uint8_t, 32> prompts{};
  std::array<uint8_t, 32> job{};

  friend auto operator<=>(const PlanKey&, const PlanKey&) = default;
};
/// A plan is kept for the job that is submitted later. A later one for the same takes its place; of more than
/// kPlansKept the oldest go.
struct PutPlan {
  PlanKey key;
  v1::Plan plan;
};
inline constexpr size_t kPlansKept = 1000;

struct OpenDraft {
  v1::JobRecord record;  ///< number is assigned by the store
};
/// Idempotent: a chunk that is already held whole changes nothing; a gap is FAILED_PRECONDITION. Not synced by itself:
/// the commit's fsync covers every chunk.
struct AddPrompts {
  uint64_t job = 0;
  uint64_t first = 0;
  uint64_t count = 0;
  std::string block;  ///< a serialized PromptBlock of `count` prompts
  /// Of each prompt, the turns after its first. Empty: none has any.
  std::vector<uint32_t> later_turns{};
};
struct CommitDraft {
  uint64_t job = 0;
  uint64_t prompts = 0;  ///< must equal what is held, else FAILED_PRECONDITION
  uint64_t skipped_lines = 0;
  std::optional<PlanKey> plan;  ///< where such a plan is kept, the job gets it
};
struct DiscardDraft {
  uint64_t job = 0;
};
struct SetJobState {
  uint64_t job = 0;
  v1::JobState state{};
  std::string reason;
  int64_t at_us = 0;
};
struct SetJobSpec {
  uint64_t job = 0;
  v1::Job spec;
};
/// What a job has waited for so far: the whole row. Not synced by itself: the power may take what came since the last
/// change that was, a crash of the process takes nothing.
struct PutWaits {
  uint64_t job = 0;
  v1::WaitBook waits;
};
/// Endings (not answers or refusals) of a job become postponed rows due at `at_us`, and the job runs again.
struct RequeueEndings {
  uint64_t job = 0;
  int64_t at_us = 0;
};

// ---- teachers and the service ----

/// A teacher's record as configured; rights that differ from the stored ones get the next version.
struct PutTeacher {
  v1::Teacher teacher;
};
/// A halt and a pause are two causes with two owners (the harvester, an operator): what is left out stays as it is.
struct SetTeacherState {
  std::string name;
  std::optional<bool> halted;
  std::string halt_reason;
  std::optional<bool> paused{};
  std::string pause_reason{};
  int64_t halted_until_us = 0;  ///< with `halted`: the vendor named the moment
};
/// Imported prices by teacher, all or none. What was imported before goes; none: only the configuration's hold.
struct PutPrices {
  std::map<std::string, std::vector<v1::Prices>> imported;
};
/// What its refusals told of limits that are stated nowhere.
struct NoteFoundLimits {
  std::string teacher;
  v1::FoundLimits found;
};
/// What tells when a teacher changes silently: the whole row. Not synced by itself; answers that bear one of its epochs
/// come after it, and their fsync covers it.
struct PutDrift {
  std::string teacher;
  v1::DriftBook book;
};
/// A day of the vendor's has begun on this UTC day: so many of the UTC day's requests, or fewer, belong to it.
struct BeginVendorDay {
  std::string teacher;
  uint32_t utc_day = 0;
  uint64_t requests = 0;
};
struct NoteVerification {
  std::string teacher;
  v1::Verification verification;
};
/// A call that belongs to no job (a probe): booked to the teacher's day. Before it is made, at its bound as at risk;
/// then the difference, which may be negative.
struct BookCall {
  std::string teacher;
  uint32_t day = 0;
  uint64_t requests = 0;
  Charge charge;
  int64_t at_us = 0;  ///< of the request
};
/// Of one line and cause at most one is not lifted: a second finds the first, and changes nothing.
struct RaiseAlert {
  v1::RightsAlert alert;  ///< number is assigned by the store
};
struct DecideAlert {
  uint64_t number = 0;
  v1::AlertDecision decision{};
  std::string by, note;
  int64_t at_us = 0;
};
struct SetHalt {
  bool halted = false;
  std::string reason;
};
/// The crash report is with a run that serves: the next start need not tell of these attempts again.
struct ForgetReport {
  std::vector<v1::Intent> intents;
};

// ---- datasets ----

/// Closes [closed, pairs) as the next segment. Nothing happens where the range is empty.
struct CloseSegment {
  std::string dataset;
  std::string cause;
  int64_t at_us = 0;
};
/// The dataset has this view from now on, in place of one of that name of which nothing is published.
/// FAILED_PRECONDITION: something is.
struct AddView {
  std::string dataset;
  v1::View view;
};
/// These segments, in their order from the view's first that is not cut yet, are cut; a new version lists their shards.
/// Or, of a snapshot and of a view in the order of submission: one cut, of all segments up to its own. Catalogue and
/// cursor in one batch, so that a crash before it cuts the same range again.
struct PublishVersion {
  std::string dataset;
  std::string view;
  std::vector<v1::Cut> cuts;
  uint64_t version = 0;
  std::string manifest;  ///< the manifest file's bytes
};

/// A pair that names a cluster of near-duplicates, as later ones are compared with it. What `signature` holds is its
/// maker's (service/quality/near_duplicates).
struct NearHead {
  uint64_t sequence = 0;
  std::string record_id;
  std::string signature;
};
/// What the index of near-duplicates gains by some pairs.
struct NearRows {
  std::string rule;  ///< and its parameters; empty: near-duplicates are not looked for
  std::vector<NearHead> heads;
  std::map<uint64_t, std::vector<uint64_t>> bands;  ///< band → sequence numbers of heads: whole rows
};
/// Labels of the pairs from `first` on, of rules of ours; the dataset is labelled up to their end. Other `rules` than
/// those of before begin at the first pair, and the dataset counts as labelled no further than they have come.
/// FAILED_PRECONDITION: not what comes next. What was brought in stays. Not synced by itself: labels can be made again.
///
/// The index of near-duplicates comes with them, of the pairs that it has not had yet (DatasetRecord.clustered): labels
/// that are made anew leave it as it is, another rule of its own, or none, empties it first.
struct PutLabels {
  std::string dataset;
  std::string rules;
  uint64_t first = 0;
  std::vector<v1::PairLabels> labels;
  NearRows near = {};
};
/// What was brought in of these pairs, whole: sequence → labels. The caller has read what was there before, and lets
/// nobody else do so in between.
struct PutImportedLabels {
  std::string dataset;
  std::map<uint64_t, v1::PairLabels> labels;
};

// ---- the transparency log ----

/// Somebody's command goes into the log before it is carried out, so that no crash hides one. `salt`: 32 random bytes.
struct LogCommand {
  corpus::Command command;
  std::string salt;
};
/// A signed checkpoint is kept, in place of the one before it: what leaves is on disk first. FAILED_PRECONDITION: the
/// log has not come so far, or the one that is kept has come further.
struct PutCheckpoint {
  uint64_t size = 0;
  std::string note;  ///< a note's bytes (storage/proof/checkpoint.h)
};

using Change =
    std::variant<Reserve, Park, Postpone, Settle, Hedge, SettleLate, Reuse, End, DecideSample, ImportPairs, PutBatch,
                 OpenDraft, AddPrompts, CommitDraft, DiscardDraft, SetJobState, SetJobSpec, PutWaits, PutPlan,
                 RequeueEndings, PutTeacher, SetTeacherState, NoteFoundLimits, PutDrift, PutPrices, BeginVendorDay,
                 NoteVerification, BookCall, RaiseAlert, DecideAlert, SetHalt, ForgetReport, CloseSegment, AddView,
                 PublishVersion, PutLabels, PutImportedLabels, LogCommand, PutCheckpoint>;

/// What the store filled in.
struct Applied {
  uint64_t number =
      0;  ///< of the draft's job, the answer, the segment, the rights' version, the alert, the log's entry
  /// Of the (first) pair in its dataset.
  uint64_t sequence = 0;
  uint64_t count = 0;  ///< prompts held by a draft; of an import, those of the chunk that were held before; endings
                       ///< requeued; of a DecideSample 1, or 0 where it was decided before
  uint64_t turns = 0;  ///< behind those endings, that are unasked no more
};

}  // namespace harvest::store
