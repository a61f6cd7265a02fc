#include "service/flow/teacher_desk.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "service/dialect/registry/registry.h"
#include "service/dialect/registry/vendor.h"
#include "service/flow/found_limits.h"
#include "service/flow/purses.h"
#include "service/flow/refused_by.h"

namespace harvest::flow {

namespace {

/// What is found changes with each step of the search; the last few seconds of it may be lost.
constexpr std::chrono::seconds kNoteEvery(5);

/// Answers that may take minutes: vendors and what lies between drop silent connections.
constexpr int64_t kLongAnswerTokens = 8192;

limit::Feedback::Window window_of(const dialect::LimitWindow& window) {
  return {.limit = window.limit, .remaining = window.remaining, .reset_in = window.reset_in};
}

std::optional<limit::Feedback::Answer> answer_of(const dialect::HttpExchange& exchange,
                                                 const dialect::Outcome& outcome) {
  if (!outcome.has_answer()) return std::nullopt;
  limit::Feedback::Answer answer{.duration = exchange.duration,
                                 .output_tokens = static_cast<int64_t>(outcome.usage.output_tokens())};
  if (outcome.first_token_end) answer.first_token = exchange.time_of(*outcome.first_token_end);
  return answer;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TeacherDesk>> TeacherDesk::open(v1::Teacher config, std::string_view key,
                                                               double retry_ratio, transport::Transport& transport,
                                                               observe::Metrics& metrics,
                                                               std::shared_ptr<limit::Limiter> account) {
  const dialect::Dialect* dialect = dialect::find_dialect(config.dialect());
  if (dialect == nullptr)
    return absl::InvalidArgumentError(absl::StrCat("teacher ", config.name(), ": unknown dialect ", config.dialect()));
  // A teacher without prices may stand in the configuration; a job that names it is refused at submit.
  auto prices = price::PriceBook::of(config);
  if (!prices.ok()) return prices.status();
  auto caps = purse_caps(config.max_cost_usd_per_day(), config.max_cost_usd_per_month());
  if (!caps.ok()) return caps.status();
  dialect::fill_counting(config);
  if (account == nullptr) account = std::make_shared<limit::Limiter>(config.limits());
  // The profile first: once a vendor is filled in, it would tell another.
  config.set_profile(std::string(dialect->profile(config)));
  if (config.vendor().empty()) config.set_vendor(std::string(dialect::vendor_of(*dialect, config)));
  if (dialect::queues(*dialect, config)) account->expect_queue();
  observe::TeacherMetrics& counted = metrics.teacher(config.name(), config.model(), config.vendor());
  return std::unique_ptr<TeacherDesk>(new TeacherDesk(std::move(config), *dialect, key, *std::move(prices), *caps,
                                                      retry_ratio, transport, counted, std::move(account)));
}

TeacherDesk::TeacherDesk(v1::Teacher config, const dialect::Dialect& dialect, std::string_view key,
                         price::PriceBook prices, limit::Purse::Caps caps, double retry_ratio,
                         transport::Transport& transport, observe::TeacherMetrics& counted,
                         std::shared_ptr<limit::Limiter> shared)
    : account(std::move(shared)),
      limiter(*account),
      purse(caps),
      retries(retry_ratio),
      metrics(counted),
      config_(std::move(config)),
      dialect_(&dialect),
      prices_(std::move(prices)),
      line_(config_, dialect, key, transport) {}

limit::Demand TeacherDesk::demand(const Candidate& candidate, const v1::Sampling& sampling, int64_t day,
                                  std::string_view route) const {
  const price::PriceBook::Entry* prices = prices_.on(day);
  // Invariant: no job runs that asks a teacher without prices (Harvester::stop_where_it_may_not_go_on).
  assert(prices != nullptr);
  return {.input_tokens = tokens_.input_tokens(candidate),
          .output_tokens =
              config_.limits().output_cap_counts() ? candidate.answers_tokens_max() : tokens_.output_tokens(candidate),
          .cost_picodollars =
              cost_bound_.of(prices->list.cost_max(candidate.input_tokens_max, candidate.answers_tokens_max(),
                                                   {.route = route, .service_tier = sampling.service_tier()}))};
}

limit::Wallet TeacherDesk::wallet(limit::Wallet payer) {
  payer.teacher = &purse;
  return payer;
}

limit::Verdict TeacherDesk::may_go(const limit::Demand& demand, limit::Wallet payer, limit::Instant now,
                                   int64_t utc_us) {
  return limit::later(limiter.ask(demand, now, utc_us), may_pay(demand, payer, now, utc_us));
}

limit::Permit TeacherDesk::take(const limit::Demand& demand, limit::Wallet payer, limit::Instant now, int64_t utc_us) {
  limit::Permit permit = limiter.take(demand, now, utc_us);
  permit.day = wallet(payer).reserve(demand.cost_picodollars, utc_us);
  ++in_flight_;
  return permit;
}

limit::Verdict TeacherDesk::may_pay(const limit::Demand& demand, limit::Wallet payer, limit::Instant now,
                                    int64_t utc_us) {
  return wallet(payer).ask(demand.cost_picodollars, now, utc_us);
}

limit::Permit TeacherDesk::take_money(const limit::Demand& demand, limit::Wallet payer, limit::Instant now,
                                      int64_t utc_us) {
  return {.reserved = demand,
          .day = wallet(payer).reserve(demand.cost_picodollars, utc_us),
          .taken_at = now,
          .money_only = true};
}

void TeacherDesk::settle(const limit::Permit& permit, const limit::Actual& actual, limit::Wallet payer,
                         limit::Instant now) {
  limiter.settle(permit, actual, now);
  wallet(payer).settle(permit, actual);
  if (is_overbilled(permit, actual)) cost_bound_.broken_by(permit, actual, now);
  if (!permit.money_only) --in_flight_;
}

void TeacherDesk::hold_money(const v1::Intent& member, limit::Wallet payer) {
  wallet(payer).hold(member.cost_max_picodollars(), member.budget_day());
}

limit::Actual TeacherDesk::actual(const dialect::Outcome& outcome, bool sent, const v1::Sampling& asked,
                                  const limit::Permit& permit) const {
  const limit::Demand& reserved = permit.reserved;
  if (outcome.has_answer()) {
    // What the vendor does not say is booked at the bound: money is never guessed downwards.
    const std::string& tier = outcome.service_tier.empty() ? asked.service_tier() : outcome.service_tier;
    std::optional<int64_t> cost;
    // Prices of the day that it was asked on. What was left with a vendor in a batch may come back to a configuration
    // that has none of that day.
    const price::PriceBook::Entry* prices = prices_.on(permit.day);
    if (outcome.usage.reported() && prices != nullptr)
      cost = prices->list.cost(outcome.usage, {.route = permit.money_only ? "batch" : "", .service_tier = tier});
    const uint64_t uncounted = config_.limits().cached_input_counts() ? 0 : outcome.usage.cached_input_tokens();
    // Of input that is not reported nothing is given back: the limit that paces it would be none.
    return {.input_tokens =
                outcome.usage.reported() ? static_cast<int64_t>(outcome.usage.input_tokens()) : reserved.input_tokens,
            .uncounted_input_tokens = static_cast<int64_t>(uncounted),
            .output_tokens = static_cast<int64_t>(outcome.usage.output_tokens()),
            .cost_picodollars = cost.value_or(reserved.cost_picodollars)};
  }
  if (outcome.may_be_billed())
    return {.input_tokens = reserved.input_tokens,
            .output_tokens = reserved.output_tokens,
            .cost_picodollars = reserved.cost_picodollars,
            .at_risk = true};
  if (outcome.kind == v1::THROTTLED || !sent) return {.unprocessed = true};
  // It came through the limits before it failed, or was refused: vendors count failed calls.
  return {.input_tokens = reserved.input_tokens};
}

bool TeacherDesk::batch_is_cheaper(int64_t day, std::string_view service_tier) const {
  const price::PriceBook::Entry* prices = prices_.on(day);
  return prices != nullptr && prices->list.batch_is_cheaper(service_tier);
}

absl::Status TeacherDesk::set_prices(const v1::Teacher& priced) {
  auto prices = price::PriceBook::of(priced);
  if (!prices.ok()) return prices.status();
  prices_ = *std::move(prices);
  *config_.mutable_prices() = priced.prices();
  *config_.mutable_price_changes() = priced.price_changes();
  return absl::OkStatus();
}

bool TeacherDesk::streams(int64_t output_tokens_max) const {
  if (!dialect_->abilities(config_).streaming || config_.streaming() == v1::NEVER) return false;
  return config_.streaming() == v1::ALWAYS || output_tokens_max >= kLongAnswerTokens;
}

void TeacherDesk::restore(const store::TeacherState& state) {
  halted = state.halted;
  halt_reason = state.halt_reason;
  halted_until_us = state.halted_until_us;
  paused = state.paused;
  pause_reason = state.pause_reason;
  has_answered = state.has_answered;
  noted_ = state.found_limits;
  tokens_.expect_input(noted_.input_tokens_per_kib());
  metrics.halted(halted);
}

void TeacherDesk::hold(const v1::Intent& crashed, limit::Instant now, limit::Instant until) {
  const limit::Demand demand{.input_tokens = static_cast<int64_t>(crashed.input_tokens()),
                             .output_tokens = static_cast<int64_t>(crashed.output_tokens())};
  held_.push_back({limiter.restore(demand, crashed.budget_day(), now), until});
  ++in_flight_;
}

std::optional<v1::FoundLimits> TeacherDesk::found_news(limit::Instant now, int64_t utc_us) {
  // A hold that a crash forgets would cost a 429 each: it is noted at once.
  const limit::Instant noted_until = now + std::chrono::microseconds(noted_.parked_until_us() - utc_us);
  const bool held_longer = limiter.held_until() > std::max(now + kHoldLeast, noted_until);
  if (now < note_again_at_ && !held_longer) return std::nullopt;
  v1::FoundLimits found = found_limits(limiter, now, utc_us);
  found.set_input_tokens_per_kib(static_cast<uint32_t>(tokens_.input_tokens_per_kib()));
  // Too few answers yet to know better than the run before.
  if (found.input_tokens_per_kib() == 0) found.set_input_tokens_per_kib(noted_.input_tokens_per_kib());
  if (!held_longer && alike(found, noted_)) return std::nullopt;
  noted_ = found;
  note_again_at_ = now + kNoteEvery;
  return found;
}

void TeacherDesk::asked_last(int64_t utc_us) {
  if (utc_us > 0) vendor_day_ = limiter.vendor_day(utc_us);
}

std::optional<store::BeginVendorDay> TeacherDesk::vendor_day_begun(int64_t utc_us) {
  const uint32_t day = limiter.vendor_day(utc_us);
  const bool begun = vendor_day_ && day > *vendor_day_;
  vendor_day_ = std::max(day, vendor_day_.value_or(day));
  if (!begun) return std::nullopt;
  // What others of the account have sent since counts as this one's: so many at most.
  return store::BeginVendorDay{.teacher = config_.name(),
                               .utc_day = limiter.first_utc_day(utc_us),
                               .requests = static_cast<uint64_t>(limiter.requests_on(utc_us))};
}

void TeacherDesk::release_held(limit::Instant now) {
  std::erase_if(held_, [&](const Held& held) {
    if (held.until > now) return false;
    limiter.settle(held.permit, {.at_risk = true}, now);
    --in_flight_;
    return true;
  });
}

void TeacherDesk::learn(const Candidate& candidate, const limit::Permit& permit, size_t endpoint,
                        const dialect::HttpExchange& exchange, const dialect::Outcome& outcome, limit::Instant now) {
  hear(permit, endpoint, exchange, outcome, now);
  count(candidate, outcome);
}

void TeacherDesk::hear(const limit::Permit& permit, size_t endpoint, const dialect::HttpExchange& exchange,
                       const dialect::Outcome& outcome, limit::Instant now) {
  line_.hear(endpoint, exchange, outcome, now);
  limiter.learn({.throttled = outcome.kind == v1::THROTTLED,
                 .refused_by = named_limit(outcome),
                 .overloaded = outcome.overloaded,
                 .slow_down = outcome.slow_down,
                 .retry_after = outcome.retry_after,
                 .sent_at = permit.taken_at,
                 .in_flight = permit.in_flight,
                 .requests = window_of(outcome.requests),
                 .input_tokens = window_of(outcome.input_tokens),
                 .output_tokens = window_of(outcome.output_tokens),
                 .answer = answer_of(exchange, outcome)},
                now);

  metrics.response(exchange.error == dialect::WireError::kNone ? exchange.status : 0);
  if (outcome.first_token_end) {
    const auto seconds = [](std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); };
    metrics.first_chunk(seconds(exchange.time_of(*outcome.first_token_end)));
    const auto& marks = exchange.marks;
    if (marks.size() > 1)
      metrics.output_chunk(seconds(marks.back().at - marks.front().at) / static_cast<double>(marks.size() - 1));
  }
  metrics.duration(std::chrono::duration<double>(exchange.duration).count());
  if (exchange.error == dialect::WireError::kResendBlocked) metrics.attempt("resend_blocked");
  if (outcome.has_answer()) times.add(permit.reserved.input_tokens, exchange.duration);
}

void TeacherDesk::count(const Candidate& candidate, const dialect::Outcome& outcome) {
  switch (outcome.kind) {
    case v1::ANSWERED:
      ++counts.answered;
      metrics.outcome("answered");
      break;
    case v1::REFUSED:
      ++counts.refused;
      metrics.outcome("refused");
      break;
    case v1::THROTTLED:
      ++counts.throttled;
      metrics.outcome("throttled");
      metrics.throttled(refused_by(outcome, binding));
      break;
    case v1::FAULTED:
      ++counts.faulted;
      metrics.outcome("faulted");
      break;
    case v1::REJECTED:
      metrics.outcome("rejected");
      break;
    default:
      metrics.outcome("halted");
      break;
  }
  if (outcome.may_be_billed()) metrics.ambiguous();
  if (!outcome.has_answer()) return;
  has_answered = true;
  tokens_.learn(candidate, outcome);
  metrics.usage(static_cast<double>(outcome.usage.input_tokens()), static_cast<double>(outcome.usage.output_tokens()));
}

Readiness TeacherDesk::readiness(limit::Instant now) const {
  if (halted) return Readiness::kHalted;
  if (paused) return Readiness::kPaused;
  return line_.open(now) ? Readiness::kReady : Readiness::kDown;
}

v1::TeacherStatus TeacherDesk::status() const {
  v1::TeacherStatus status;
  *status.mutable_teacher() = config_;
  status.set_halted(halted);
  status.set_halt_reason(halt_reason);
  status.set_halted_until_us(halted_until_us);
  status.set_paused(paused);
  status.set_pause_reason(pause_reason);
  status.set_in_flight(static_cast<uint64_t>(in_flight_));
  status.set_answered(counts.answered);
  status.set_refused(counts.refused);
  status.set_throttled(counts.throttled);
  status.set_faulted(counts.faulted);
  status.set_requests_today(static_cast<uint64_t>(limiter.requests_today()));
  status.set_spent_today_usd(text::format_usd(purse.today().spent()));
  status.set_at_risk_today_usd(text::format_usd(purse.today().at_risk()));
  status.set_spent_month_usd(text::format_usd(purse.month().spent()));
  status.set_at_risk_month_usd(text::format_usd(purse.month().at_risk()));
  status.set_binding(std::string(limit::name_of(binding)));
  status.set_rights_version(config_.rights().version());
  *status.mutable_tokens() = tokens_.figures();
  quality::report(drift.book(), status);
  line_.report(status);
  return status;
}

}  // namespace harvest::flow
