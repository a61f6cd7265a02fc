#pragma once

#include <string>

#include "absl/status/status.h"
#include "storage/store/change.h"
#include "storage/store/group.h"

/// What each change does to the rows, one file per family of changes. All or nothing: a change that returns an error
/// has put nothing into the group. May be called again with the same change after a group's write failed.
namespace harvest::store {

// query_changes.cc
absl::Status apply(Group& group, const Reserve& change, Applied& applied);
absl::Status apply(Group& group, const Park& change, Applied& applied);
absl::Status apply(Group& group, const Postpone& change, Applied& applied);
absl::Status apply(Group& group, const End& change, Applied& applied);
// sample_changes.cc
absl::Status apply(Group& group, const DecideSample& change, Applied& applied);
// arrival_changes.cc
absl::Status apply(Group& group, Settle& change, Applied& applied);
absl::Status apply(Group& group, Reuse& change, Applied& applied);
absl::Status apply(Group& group, ImportPairs& change, Applied& applied);
// hedge_changes.cc
absl::Status apply(Group& group, const Hedge& change, Applied& applied);
absl::Status apply(Group& group, const SettleLate& change, Applied& applied);
// batch_changes.cc
absl::Status apply(Group& group, const PutBatch& change, Applied& applied);
// draft_changes.cc
absl::Status apply(Group& group, const OpenDraft& change, Applied& applied);
absl::Status apply(Group& group, const AddPrompts& change, Applied& applied);
absl::Status apply(Group& group, const CommitDraft& change, Applied& applied);
absl::Status apply(Group& group, const DiscardDraft& change, Applied& applied);
// job_changes.cc
absl::Status apply(Group& group, const SetJobState& change, Applied& applied);
absl::Status apply(Group& group, const SetJobSpec& change, Applied& applied);
absl::Status apply(Group& group, const PutWaits& change, Applied& applied);
absl::Status apply(Group& group, const PutPlan& change, Applied& applied);
// teacher_changes.cc
absl::Status apply(Group& group, const PutTeacher& change, Applied& applied);
absl::Status apply(Group& group, const SetTeacherState& change, Applied& applied);
absl::Status apply(Group& group, const NoteFoundLimits& change, Applied& applied);
absl::Status apply(Group& group, const PutDrift& change, Applied& applied);
absl::Status apply(Group& group, const PutPrices& change, Applied& applied);
absl::Status apply(Group& group, const BeginVendorDay& change, Applied& applied);
absl::Status apply(Group& group, const NoteVerification& change, Applied& applied);
absl::Status apply(Group& group, const BookCall& change, Applied& applied);
absl::Status apply(Group& group, const SetHalt& change, Applied& applied);
// alert_changes.cc
absl::Status apply(Group& group, const RaiseAlert& change, Applied& applied);
absl::Status apply(Group& group, const DecideAlert& change, Applied& applied);
// recovery.cc
absl::Status apply(Group& group, const ForgetReport& change, Applied& applied);
// dataset_changes.cc
absl::Status apply(Group& group, const CloseSegment& change, Applied& applied);
absl::Status apply(Group& group, const AddView& change, Applied& applied);
absl::Status apply(Group& group, const PublishVersion& change, Applied& applied);
// label_changes.cc
absl::Status apply(Group& group, const PutLabels& change, Applied& applied);
absl::Status apply(Group& group, const PutImportedLabels& change, Applied& applied);
// log_changes.cc
absl::Status apply(Group& group, const LogCommand& change, Applied& applied);
absl::Status apply(Group& group, const PutCheckpoint& change, Applied& applied);

/// requeue.cc. Endings may be many, so they move in bounded groups, each whole in itself: call it in a group of its own
/// until `from` comes back empty. `from`: the key to go on at.
absl::Status requeue_some(Group& group, const RequeueEndings& change, std::string& from, Applied& applied);

/// The attempt of this change ran already: its news is kept until the disk takes it. Everything else is refused
/// instead.
bool must_be_kept(const Change& change);
/// The query that a refused change was to take from its stream's cursor, if any.
const Place* place_of(const Change& change);

}  // namespace harvest::store
