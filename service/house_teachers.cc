// How the daemon opens its teachers and tenants: as configured, and as the run before left them.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "proto/text/time.h"
#include "service/config/secret.h"
#include "service/dialect/registry/vendor.h"
#include "service/flow/found_limits.h"
#include "service/flow/imported_prices.h"
#include "service/flow/latency_evidence.h"
#include "service/flow/purses.h"
#include "service/house.h"

namespace harvest {

namespace {

bool share_limits(const v1::Teacher& a, const v1::Teacher& b) {
  return a.name() == b.name() || (!a.account().empty() && a.account() == b.account());
}

}  // namespace

absl::Status Daemon::House::open_teachers() {
  transport_ = std::make_unique<transport::CurlTransport>(decisions_.context(), config_.harvest().transport_lanes());
  harvester_ = std::make_unique<flow::Harvester>(
      flow::Harvester::Parts{decisions_.context(), *store_, *transport_, clock_, metrics_, board_}, config_.harvest(),
      [this](const std::string& teacher, const v1::Use& use) {
        return teachers_.permits(teacher, use, clock_.utc_us());
      });
  intake_ = std::make_unique<flow::Intake>(
      *store_, teachers_, clock_, config_.quality().personal_data(),
      flow::Labelling{.on = !config_.quality().off(), .near_duplicates = !config_.quality().near_duplicates_off()});
  pair_import_ = std::make_unique<flow::PairImport>(*store_, *intake_, clock_);
  control_ = std::make_unique<flow::Control>(
      flow::Control::Parts{*store_, *harvester_, decisions_.context(), *intake_, teachers_, board_, clock_});
  if (absl::Status status = harvester_->tenants().open(config_, *store_, clock_.utc_us()); !status.ok()) return status;
  for (const v1::Teacher& teacher : config_.teachers())
    if (absl::Status status = open_teacher(teacher, clock_.utc_us()); !status.ok()) return status;
  return absl::OkStatus();
}

/// The limits of the teacher's account: made for the first of its teachers, with what the run before knew of them all.
std::shared_ptr<limit::Limiter> Daemon::House::account_of(const v1::Teacher& teacher, int64_t utc_us) {
  std::shared_ptr<limit::Limiter> own;
  std::shared_ptr<limit::Limiter>& limiter = teacher.account().empty() ? own : accounts_[teacher.account()];
  if (limiter != nullptr) return limiter;
  limiter = std::make_shared<limit::Limiter>(teacher.limits());
  const auto today = static_cast<uint32_t>(text::day_of(utc_us));
  const uint32_t first = limiter->first_utc_day(utc_us);
  int64_t requests = 0;
  bool asked = false;  // of late: it may weigh on the vendor's windows yet
  v1::FoundLimits found;
  for (const store::TeacherState& stored : store_->teachers()) {
    const auto shares = [&](const v1::Teacher& other) {
      return other.name() == stored.teacher.name() && share_limits(teacher, other);
    };
    if (std::none_of(config_.teachers().begin(), config_.teachers().end(), shares)) continue;
    for (uint32_t day = first; day <= today; ++day) {
      const store::TeacherDay used = store_->teacher_day(stored.teacher.name(), day);
      const bool over = used.last_request_us > 0 && limiter->is_of_day_before(used.last_request_us, utc_us);
      if (!over) requests += static_cast<int64_t>(used.requests - (day == first ? used.requests_before : 0));
    }
    asked = asked || requests > 0 || store_->teacher_day(stored.teacher.name(), today - 1).requests > 0;
    found = flow::both(found, stored.found_limits);
  }
  if (found.ByteSizeLong() > 0) flow::restore(*limiter, found, clock_.now(), utc_us);
  limiter->restore_day(utc_us, requests);
  if (asked) limiter->restart(clock_.now());
  return limiter;
}

absl::Status Daemon::House::open_teacher(v1::Teacher teacher, int64_t utc_us) {
  auto key = config::resolve_secret(teacher.api_key());
  if (!key.ok())
    return absl::Status(key.status().code(), absl::StrCat("teacher ", teacher.name(), ": ", key.status().message()));
  // Rights written in YAML are a proposal; without tokens the local user attests them, and everything made under them
  // says so.
  if (teacher.has_rights()) teacher.mutable_rights()->set_self_attested(true);
  auto put = store_->apply_and_wait(store::PutTeacher{teacher});
  if (!put.ok()) return put.status();
  if (teacher.has_rights()) teacher.mutable_rights()->set_version(put->number);
  store::TeacherState state;  // there is one: it was just put
  for (store::TeacherState& stored : store_->teachers())
    if (stored.teacher.name() == teacher.name()) state = std::move(stored);
  flow::set_price_changes(state.teacher, state.imported_prices, teacher);

  dialect::fill_counting(teacher);
  std::shared_ptr<limit::Limiter> account = account_of(teacher, utc_us);
  auto desk = flow::TeacherDesk::open(teacher, *key, config_.harvest().retry_ratio(), *transport_, metrics_,
                                      std::move(account));
  if (!desk.ok()) return desk.status();
  flow::restore((*desk)->purse, utc_us, [&](uint32_t day) { return store_->teacher_day(teacher.name(), day); });
  const auto longest = flow::longest_recent_answer(*store_, teacher.name());
  for (const v1::Intent& intent : store_->start_report().crash_intents)
    if (intent.teacher() == teacher.name()) {
      (*desk)->hold(intent, clock_.now(), clock_.now() + flow::hold_time(intent.started_at_us(), utc_us, longest));
      // The store booked these as at risk while it opened, when nobody counted yet.
      (*desk)->metrics.ambiguous();
      (*desk)->metrics.at_risk(text::dollars_of(intent.cost_max_picodollars()));
    }
  (*desk)->restore(state);
  (*desk)->asked_last(store_->teacher_day(teacher.name(), (*desk)->limiter.first_utc_day(utc_us)).last_request_us);
  (*desk)->drift = quality::DriftWatch(store_->drift(teacher.name()));
  teachers_.put((*desk)->config());
  harvester_->add_teacher(*std::move(desk));
  return absl::OkStatus();
}

}  // namespace harvest
