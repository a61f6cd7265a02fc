#include "absl/strings/str_cat.h"
#include "storage/store/changes.h"

namespace harvest::store {

absl::Status apply(Group& group, const RaiseAlert& change, Applied& applied) {
  Table<uint64_t, v1::RightsAlert>& alerts = group.state().alerts;
  uint64_t number = 1;
  while (const v1::RightsAlert* known = alerts.find(number)) {
    const bool same = known->model_owner() == change.alert.model_owner() &&
                      known->model_family() == change.alert.model_family() && known->cause() == change.alert.cause();
    if (same && known->decision() != v1::LIFTED) {
      applied.number = number;
      return absl::OkStatus();
    }
    ++number;
  }
  v1::RightsAlert& row = alerts.create(number);
  row = change.alert;
  row.set_number(number);
  applied.number = number;
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const DecideAlert& change, Applied& applied) {
  v1::RightsAlert* alert = group.state().alerts.edit(change.number);
  if (alert == nullptr) return absl::NotFoundError(absl::StrCat("there is no rights alert ", change.number));
  alert->set_decision(change.decision);
  alert->set_decided_by(change.by);
  alert->set_decided_at_us(change.at_us);
  alert->set_note(change.note);
  applied.number = change.number;
  group.must_sync();
  return absl::OkStatus();
}

}  // namespace harvest::store
