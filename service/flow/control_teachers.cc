// Control's verbs about teachers.
#include <algorithm>
#include <future>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "proto/text/time.h"
#include "service/flow/control.h"
#include "service/flow/imported_prices.h"
#include "service/price/price_book.h"

namespace harvest::flow {

std::vector<v1::TeacherStatus> Control::teachers() const {
  std::vector<v1::TeacherStatus> statuses = parts_.board.teachers();
  // The board is a moment old: whether a teacher stands halted or paused is the store's to say.
  for (const store::TeacherState& stored : parts_.store.teachers()) {
    for (v1::TeacherStatus& status : statuses) {
      if (status.teacher().name() != stored.teacher.name()) continue;
      status.set_halted(stored.halted);
      status.set_halt_reason(stored.halt_reason);
      status.set_halted_until_us(stored.halted_until_us);
      status.set_paused(stored.paused);
      status.set_pause_reason(stored.pause_reason);
      status.set_has_answered(stored.has_answered);
      status.mutable_imported_prices()->Add(stored.imported_prices.begin(), stored.imported_prices.end());
      if (stored.verification.at_us() > 0) *status.mutable_verification() = stored.verification;
      v1::Teacher priced = status.teacher();
      set_price_changes(stored.teacher, stored.imported_prices, priced);
      if (const auto book = price::PriceBook::of(priced); book.ok())
        if (const auto* entry = book->on(text::day_of(parts_.clock.utc_us())))
          *status.mutable_prices_in_force() = entry->prices;
    }
  }
  return statuses;
}

absl::StatusOr<v1::TeacherStatus> Control::find_teacher(const std::string& name) const {
  for (v1::TeacherStatus& status : teachers())
    if (status.teacher().name() == name) return std::move(status);
  return absl::NotFoundError(absl::StrCat("teacher ", name, " not found"));
}

absl::StatusOr<v1::TeacherStatus> Control::set_teacher(const store::SetTeacherState& change) {
  if (auto known = find_teacher(change.name); !known.ok()) return known;
  auto applied = parts_.store.apply_and_wait(change);
  if (!applied.ok()) return applied.status();
  tell([change](Harvester& harvester) { harvester.set_teacher(change); });
  return find_teacher(change.name);
}

absl::StatusOr<v1::TeacherStatus> Control::pause_teacher(const std::string& name, const std::string& reason) {
  return set_teacher({name, std::nullopt, "", true, reason.empty() ? "by an operator" : reason});
}

absl::StatusOr<v1::TeacherStatus> Control::resume_teacher(const std::string& name) {
  return set_teacher({name, false, "", false});
}

absl::StatusOr<v1::ProbeReply> Control::probe_teacher(const std::string& name, bool record) {
  auto promise = std::make_shared<std::promise<absl::StatusOr<v1::ProbeReply>>>();
  auto probed = promise->get_future();
  tell([name, record, promise](Harvester& harvester) {
    harvester.probe(name, record,
                    [promise](absl::StatusOr<v1::ProbeReply> reply) { promise->set_value(std::move(reply)); });
  });
  return probed.get();
}

absl::StatusOr<v1::ListTeachersReply> Control::import_prices(const v1::ImportPricesRequest& request) {
  const int64_t day = text::day_of(parts_.clock.utc_us());
  store::PutPrices change;
  std::vector<v1::Teacher> priced;
  const std::vector<store::TeacherState> all = parts_.store.teachers();
  for (const v1::ImportPricesRequest::Entry& entry : request.entries()) {
    auto teacher = parts_.teachers.find(entry.teacher());
    const auto stored = std::find_if(all.begin(), all.end(), [&entry](const store::TeacherState& state) {
      return state.teacher.name() == entry.teacher();
    });
    if (!teacher || stored == all.end())
      return absl::NotFoundError(absl::StrCat("teacher ", entry.teacher(), " not found"));
    std::vector<v1::Prices>& imported = change.imported[entry.teacher()];
    if (entry.has_prices()) {
      imported = stored->imported_prices;
      v1::Prices prices = entry.prices();
      if (prices.effective_on().empty()) prices.set_effective_on(text::format_day(day));
      std::erase_if(imported, [&](const v1::Prices& old) { return old.effective_on() == prices.effective_on(); });
      imported.push_back(std::move(prices));
    }
    set_price_changes(stored->teacher, imported, *teacher);
    if (auto book = price::PriceBook::of(*teacher); !book.ok())
      return absl::InvalidArgumentError(book.status().message());
    if (absl::Status status = check_priced(*teacher, day); !status.ok()) return status;
    priced.push_back(*std::move(teacher));
  }
  auto applied = parts_.store.apply_and_wait(std::move(change));
  if (!applied.ok()) return applied.status();
  v1::ListTeachersReply reply;
  for (const v1::Teacher& teacher : priced) {
    parts_.teachers.put(teacher);
    tell([teacher](Harvester& harvester) { harvester.set_prices(teacher); });
    auto status = find_teacher(teacher.name());
    if (!status.ok()) return status.status();
    *reply.add_teachers() = *std::move(status);
  }
  return reply;
}

std::vector<v1::RightsAlert> Control::alerts() const {
  return parts_.store.alerts();
}

absl::StatusOr<v1::RightsAlert> Control::decide_alert(const v1::DecideAlertRequest& request, const Caller& caller) {
  if (request.decision() != v1::LIFTED && request.decision() != v1::UPHELD)
    return absl::InvalidArgumentError("decision: found none, expected lifted or upheld");
  if (request.note().empty())
    return absl::InvalidArgumentError("note: found none, expected why it is decided so, for those who ask later");
  auto applied = parts_.store.apply_and_wait(store::DecideAlert{.number = request.number(),
                                                                .decision = request.decision(),
                                                                .by = caller.principal,
                                                                .note = request.note(),
                                                                .at_us = parts_.clock.utc_us()});
  if (!applied.ok()) return applied.status();
  std::vector<v1::RightsAlert> alerts = parts_.store.alerts();
  tell([alerts](Harvester& harvester) { harvester.set_alerts(alerts); });
  for (v1::RightsAlert& alert : alerts)
    if (alert.number() == request.number()) return std::move(alert);
  return absl::NotFoundError(absl::StrCat("there is no rights alert ", request.number()));
}

}  // namespace harvest::flow
