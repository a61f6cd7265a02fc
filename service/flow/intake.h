#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "harvest/v1/control.pb.h"
#include "proto/text/ulid.h"
#include "service/flow/teacher_directory.h"
#include "service/runtime/clock.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// Who acts: stamped on jobs, pairs and actions.
struct Caller {
  std::string tenant = "default";
  std::string principal;
};

/// What the service labels answers with, by which a job may ask until one is accepted.
struct Labelling {
  bool on = true;
  bool near_duplicates = true;
};

/// In: a submission fills a draft in idempotent chunks and commits it whole. Checks everything that can be known before
/// money is spent: fields, teachers, prices, rights for the stated use, what the dialect can express. A refused job
/// changes nothing.
///
/// Blocking (each verb waits for the store): called from API threads, never from a lane. Any thread; verbs of one draft
/// are expected one after the other.
class Intake {
 public:
  /// `personal_data`: what is done with it in prompts of jobs that state nothing. `labelling`: what jobs may ask until.
  Intake(store::Store& store, const TeacherDirectory& teachers, const runtime::Clock& clock,
         v1::PersonalData personal_data = v1::FLAG, Labelling labelling = {})
      : store_(store), teachers_(teachers), clock_(clock), personal_data_(personal_data), labelling_(labelling) {}

  /// PERMISSION_DENIED (rights, another tenant's dataset), INVALID_ARGUMENT, NOT_FOUND (teacher), ALREADY_EXISTS
  /// (submission committed and not `reopen`).
  absl::StatusOr<v1::Draft> open_draft(const v1::OpenDraftRequest& request, const Caller& caller);
  /// Prompts that cannot be asked are named in the reply, and then nothing of the chunk is held.
  absl::StatusOr<v1::Draft> add_prompts(const v1::AddPromptsRequest& request);
  absl::StatusOr<v1::JobRecord> commit(const v1::CommitDraftRequest& request);
  absl::Status discard(const std::string& job_id);

  /// What open_draft() refuses a job for; else its teachers as they are now. Changes nothing.
  absl::StatusOr<std::vector<v1::Teacher>> check(const v1::Job& job) const;
  /// INVALID_ARGUMENT where this job cannot ask this prompt. Changes nothing.
  absl::Status check_prompt(const v1::JobRecord& record, const v1::Prompt& prompt) const;
  /// PERMISSION_DENIED where another tenant has it.
  absl::Status check_dataset_owner(const std::string& dataset, const std::string& tenant) const;

 private:
  std::string new_job_id();
  /// The job's word, else the configuration's.
  v1::PersonalData personal_data_of(const v1::Job& job) const;

  store::Store& store_;
  const TeacherDirectory& teachers_;
  const runtime::Clock& clock_;
  const v1::PersonalData personal_data_;
  const Labelling labelling_;
  std::mutex mutex_;  // guards ulids_
  text::UlidSource ulids_;
};

}  // namespace harvest::flow
