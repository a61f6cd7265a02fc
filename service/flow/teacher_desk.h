#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/teacher.pb.h"
#include "service/dialect/dialect.h"
#include "service/flow/alike_rejections.h"
#include "service/flow/answer_times.h"
#include "service/flow/canaries.h"
#include "service/flow/cost_bound.h"
#include "service/flow/fallback_route.h"
#include "service/flow/ready.h"
#include "service/flow/retry_budget.h"
#include "service/flow/teacher_line.h"
#include "service/flow/teacher_tokens.h"
#include "service/limit/limiter.h"
#include "service/limit/wallet.h"
#include "service/observe/metrics.h"
#include "service/price/price_book.h"
#include "service/quality/drift_watch.h"
#include "service/transport/transport.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// One teacher as the harvester deals with it: its limits, line, prices, retry budget, and whether it may be asked
/// at all. Owned by the harvester; decision lane only.
class TeacherDesk {
 public:
  /// `key`: the secret itself, handed on to the transport and not kept here. `account`: the limits that it shares with
  /// others; none: its own.
  static absl::StatusOr<std::unique_ptr<TeacherDesk>> open(v1::Teacher config, std::string_view key, double retry_ratio,
                                                           transport::Transport& transport, observe::Metrics& metrics,
                                                           std::shared_ptr<limit::Limiter> account = nullptr);

  const v1::Teacher& config() const { return config_; }
  const dialect::Dialect& dialect() const { return *dialect_; }
  TeacherLine& line() { return line_; }

  /// What an attempt at this query would take from every limit, at the prices of this day. `route`: batch, or empty.
  limit::Demand demand(const Candidate& candidate, const v1::Sampling& sampling, int64_t day,
                       std::string_view route = "") const;
  /// May it go now, by every limit and every cap? `payer`: who pays beside the teacher's own purse; nobody for a call
  /// that belongs to no job.
  limit::Verdict may_go(const limit::Demand& demand, limit::Wallet payer, limit::Instant now, int64_t utc_us);
  /// Requires that may_go() would grant it.
  limit::Permit take(const limit::Demand& demand, limit::Wallet payer, limit::Instant now, int64_t utc_us);
  /// The same for a batch's member, whose requests and tokens vendors count apart: money alone.
  limit::Verdict may_pay(const limit::Demand& demand, limit::Wallet payer, limit::Instant now, int64_t utc_us);
  limit::Permit take_money(const limit::Demand& demand, limit::Wallet payer, limit::Instant now, int64_t utc_us);
  /// Gives back what an ended attempt's permit holds, and books what it took. A bill above its bound raises those that
  /// follow.
  void settle(const limit::Permit& permit, const limit::Actual& actual, limit::Wallet payer, limit::Instant now);
  /// A member that an earlier run handed in: its money is reserved again, whatever the caps are by now.
  void hold_money(const v1::Intent& member, limit::Wallet payer);
  /// What an ended attempt took, at the prices of its day. `sent`: some of it reached the vendor.
  limit::Actual actual(const dialect::Outcome& outcome, bool sent, const v1::Sampling& asked,
                       const limit::Permit& permit) const;
  /// Are there prices on this day? Without them it is not asked.
  bool priced(int64_t day) const { return prices_.on(day) != nullptr; }
  /// Does a call in a batch cost less than one online under this tier?
  bool batch_is_cheaper(int64_t day, std::string_view service_tier) const;
  /// Prices, and when they change.
  absl::Status set_prices(const v1::Teacher& priced);

  /// Is an answer of up to this many tokens asked for in pieces?
  bool streams(int64_t output_tokens_max) const;

  /// Books what a call's end says about limits and endpoint.
  void hear(const limit::Permit& permit, size_t endpoint, const dialect::HttpExchange& exchange,
            const dialect::Outcome& outcome, limit::Instant now);
  /// The same of an attempt, which is counted, and tells how many tokens such a prompt takes.
  void learn(const Candidate& candidate, const limit::Permit& permit, size_t endpoint,
             const dialect::HttpExchange& exchange, const dialect::Outcome& outcome, limit::Instant now);

  /// Counts what an attempt came to, online or in a batch, and learns how many tokens such a prompt takes.
  void count(const Candidate& candidate, const dialect::Outcome& outcome);

  /// An attempt that a crash left open may still be running at the vendor: it keeps its tokens, and its slot until then
  /// (latency_evidence.h).
  void hold(const v1::Intent& crashed, limit::Instant now, limit::Instant until);
  /// What was found since and is not noted yet, a few seconds apart; else none.
  std::optional<v1::FoundLimits> found_news(limit::Instant now, int64_t utc_us);
  /// When an earlier run sent its last request, of the UTC day in which the vendor's day began; 0: none that is known.
  void asked_last(int64_t utc_us);
  /// A day of the vendor's that has begun since it was asked last; else none.
  std::optional<store::BeginVendorDay> vendor_day_begun(int64_t utc_us);
  /// Gives back what has been held long enough.
  void release_held(limit::Instant now);

  /// As an earlier run left it.
  void restore(const store::TeacherState& state);

  bool may_ask() const { return !halted && !paused; }
  /// Attempts of its own, whatever others have in flight on its account.
  int64_t in_flight() const { return in_flight_; }
  Readiness readiness(limit::Instant now) const;
  v1::TeacherStatus status() const;

  const std::shared_ptr<limit::Limiter> account;
  limit::Limiter& limiter;  ///< the account's
  limit::Purse purse;
  RetryBudget retries;
  AnswerTimes times;
  observe::TeacherMetrics& metrics;
  bool halted = false;
  std::string halt_reason;
  int64_t halted_until_us = 0;  ///< the vendor named the moment; 0: until an operator lifts it
  bool paused = false;
  std::string pause_reason;
  bool has_answered = false;  ///< ever
  AlikeRejections rejections;
  quality::DriftWatch drift;  ///< is it still the one of before?
  CanaryRound canaries;
  limit::Dimension binding = limit::Dimension::kNone;  ///< what bounded it when it was last asked for a permit

  struct Counts {
    uint64_t answered = 0, refused = 0, throttled = 0, faulted = 0;
  };
  Counts counts;  ///< since the start of this process

 private:
  TeacherDesk(v1::Teacher config, const dialect::Dialect& dialect, std::string_view key, price::PriceBook prices,
              limit::Purse::Caps caps, double retry_ratio, transport::Transport& transport,
              observe::TeacherMetrics& metrics, std::shared_ptr<limit::Limiter> account);
  limit::Wallet wallet(limit::Wallet payer);

  v1::Teacher config_;
  const dialect::Dialect* dialect_;
  price::PriceBook prices_;
  TeacherTokens tokens_;
  CostBound cost_bound_;
  struct Held {
    limit::Permit permit;
    limit::Instant until{};
  };
  std::vector<Held> held_;
  int64_t in_flight_ = 0;
  v1::FoundLimits noted_;
  limit::Instant note_again_at_ = limit::Instant::min();
  std::optional<uint32_t> vendor_day_;  // as it was last told of
  TeacherLine line_;                    // stands on config_
};

}  // namespace harvest::flow
