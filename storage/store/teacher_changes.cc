#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/corpus/log_entry.h"
#include "storage/store/changes.h"

namespace harvest::store {
namespace {

std::string without_version(v1::Rights rights) {
  rights.clear_version();
  return rights.SerializeAsString();  // no map fields: equal bytes are equal rights
}

/// Where another may answer, or is spoken to otherwise, what was seen of the one before proves nothing.
bool same_teacher(const v1::Teacher& a, const v1::Teacher& b) {
  const auto urls = [](const v1::Teacher& teacher) {
    std::set<std::string> all(teacher.endpoints().begin(), teacher.endpoints().end());
    all.insert(teacher.endpoint());
    all.erase("");
    return all;
  };
  return a.dialect() == b.dialect() && a.profile() == b.profile() && a.model() == b.model() &&
         a.model_revision() == b.model_revision() && urls(a) == urls(b);
}

}  // namespace

absl::Status apply(Group& group, const PutTeacher& change, Applied& applied) {
  State& state = group.state();
  if (change.teacher.name().empty()) return absl::InvalidArgumentError("a teacher needs a name");
  TeacherState& stored = state.teachers.edit_or_create(change.teacher.name());
  const v1::Rights& old = stored.teacher.rights();
  const bool same = old.version() > 0 && without_version(old) == without_version(change.teacher.rights());
  applied.number = same ? old.version() : old.version() + 1;
  if (!same_teacher(stored.teacher, change.teacher)) {
    stored.verification.Clear();
    stored.has_answered = false;
    stored.found_limits.Clear();
    // Epochs stay: their numbers stand with answers, and go on from there.
    if (v1::DriftBook* drift = state.drifts.edit(change.teacher.name())) {
      drift->clear_identities();
      drift->clear_canaries();
      drift->clear_differed();
    }
  }
  stored.teacher = change.teacher;
  stored.teacher.mutable_rights()->set_version(applied.number);
  if (!same) group.log(corpus::policy_entry(change.teacher.name(), stored.teacher.rights()));
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const SetTeacherState& change, Applied& applied) {
  (void)applied;
  TeacherState* teacher = group.state().teachers.edit(change.name);
  if (teacher == nullptr) return absl::NotFoundError(absl::StrCat("there is no teacher ", change.name));
  if (change.halted) {
    teacher->halted = *change.halted;
    teacher->halt_reason = change.halt_reason;
    teacher->halted_until_us = change.halted_until_us;
  }
  if (change.paused) {
    teacher->paused = *change.paused;
    teacher->pause_reason = change.pause_reason;
  }
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const NoteFoundLimits& change, Applied& applied) {
  (void)applied;
  TeacherState* teacher = group.state().teachers.edit(change.teacher);
  if (teacher == nullptr) return absl::NotFoundError(absl::StrCat("there is no teacher ", change.teacher));
  teacher->found_limits = change.found;
  return absl::OkStatus();
}

absl::Status apply(Group& group, const PutDrift& change, Applied& applied) {
  (void)applied;
  if (group.state().teachers.find(change.teacher) == nullptr)
    return absl::NotFoundError(absl::StrCat("there is no teacher ", change.teacher));
  group.state().drifts.edit_or_create(change.teacher) = change.book;
  return absl::OkStatus();
}

absl::Status apply(Group& group, const PutPrices& change, Applied& applied) {
  (void)applied;
  Table<std::string, TeacherState>& teachers = group.state().teachers;
  for (const auto& [name, prices] : change.imported)
    if (teachers.find(name) == nullptr) return absl::NotFoundError(absl::StrCat("there is no teacher ", name));
  for (const auto& [name, prices] : change.imported) teachers.edit(name)->imported_prices = prices;
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const BeginVendorDay& change, Applied& applied) {
  (void)applied;
  // Without an fsync of its own: where it is lost, more requests count than were sent, never fewer.
  TeacherDay* day = group.state().days.edit({change.utc_day, change.teacher});
  if (day != nullptr) day->requests_before = day->requests - std::min(day->requests, change.requests);
  return absl::OkStatus();
}

absl::Status apply(Group& group, const NoteVerification& change, Applied& applied) {
  (void)applied;
  TeacherState* teacher = group.state().teachers.edit(change.teacher);
  if (teacher == nullptr) return absl::NotFoundError(absl::StrCat("there is no teacher ", change.teacher));
  teacher->verification = change.verification;
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const BookCall& change, Applied& applied) {
  (void)applied;
  TeacherDay& day = group.state().days.edit_or_create({change.day, change.teacher});
  day.requests += change.requests;
  day.last_request_us = std::max(day.last_request_us, change.at_us);
  day.spent_picodollars += change.charge.spent_picodollars;
  day.at_risk_picodollars += change.charge.at_risk_picodollars;
  day.input_tokens += change.charge.input_tokens;
  day.output_tokens += change.charge.output_tokens;
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const SetHalt& change, Applied& applied) {
  (void)applied;
  Meta* meta = group.state().meta.edit(keys::kMeta);
  meta->halted = change.halted;
  meta->halt_reason = change.reason;
  group.must_sync();
  return absl::OkStatus();
}

}  // namespace harvest::store
