#include "tests/simulation/pacer.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace harvest::simulation {
namespace {

using namespace std::chrono_literals;

class OurLimiter final : public Pacer {
 public:
  explicit OurLimiter(const v1::Limits& told) : told_(told), limiter_(std::make_unique<limit::Limiter>(told)) {}

  Time ready_at(const limit::Demand& demand, Time now) override {
    const limit::Verdict verdict = limiter_->ask(demand, now, 0);
    return verdict.granted ? now : verdict.ready_at;
  }
  void sent(const limit::Demand& demand, Time now) override { permits_.push_back(limiter_->take(demand, now, 0)); }
  void throttled(const limit::Demand& demand, Time sent_at, std::optional<Time> retry_after, Time now) override {
    const std::optional<limit::Permit> permit = of(demand, sent_at, true);
    if (!permit) return;
    limiter_->learn({.throttled = true, .retry_after = retry_after, .sent_at = sent_at, .in_flight = permit->in_flight},
                    now);
    limiter_->settle(*permit, {.unprocessed = true}, now);
  }
  void answered(const limit::Demand& demand, Time sent_at, int64_t output_tokens, Time now) override {
    const std::optional<limit::Permit> permit = of(demand, sent_at, false);
    if (!permit) return;
    limiter_->learn({.sent_at = sent_at, .in_flight = permit->in_flight}, now);
    limiter_->settle(*permit, {.input_tokens = demand.input_tokens, .output_tokens = output_tokens}, now);
  }
  void restart(Time now) override {
    const limit::FoundRates found = limiter_->found();
    const Time held_until = limiter_->held_until();
    limiter_ = std::make_unique<limit::Limiter>(told_);
    permits_.clear();
    limiter_->restore_found(found, held_until, now);
    limiter_->restart(now);
  }

 private:
  /// Nothing: of a run before.
  std::optional<limit::Permit> of(const limit::Demand& demand, Time sent_at, bool last) {
    // Several may leave at once: then the last are refused.
    const auto is_its = [&](const limit::Permit& permit) {
      return permit.taken_at == sent_at && permit.reserved.input_tokens == demand.input_tokens;
    };
    auto found = std::find_if(permits_.begin(), permits_.end(), is_its);
    if (found == permits_.end()) return std::nullopt;
    if (last) found = std::find_if(permits_.rbegin(), permits_.rend(), is_its).base() - 1;
    const limit::Permit permit = *found;
    permits_.erase(found);
    return permit;
  }

  const v1::Limits told_;
  std::unique_ptr<limit::Limiter> limiter_;
  std::deque<limit::Permit> permits_;
};

class Holding : public Pacer {
 public:
  void throttled(const limit::Demand&, Time, std::optional<Time> retry_after, Time now) override {
    hold_until_ = std::max(hold_until_, now + retry_after.value_or(1s));
  }
  void answered(const limit::Demand&, Time, int64_t, Time) override {}
  void restart(Time) override {}

 protected:
  Time hold_until_{0};
};

int64_t amount(const limit::Demand& demand, Counts counts) {
  return counts == Counts::kRequests ? 1 : demand.input_tokens;
}

class FixedWindowCounter final : public Holding {
 public:
  FixedWindowCounter(int64_t per_minute, Counts counts) : per_minute_(per_minute), counts_(counts) {}
  Time ready_at(const limit::Demand& demand, Time now) override {
    const bool full = now / 60s == window_ && count_ + amount(demand, counts_) > per_minute_;
    return std::max(hold_until_, full ? (window_ + 1) * Time(60s) : now);
  }
  void sent(const limit::Demand& demand, Time now) override {
    if (now / 60s != window_) count_ = 0;
    window_ = now / 60s;
    count_ += amount(demand, counts_);
  }

 private:
  const int64_t per_minute_;
  const Counts counts_;
  int64_t window_ = -1, count_ = 0;
};

class TokenBucket final : public Holding {
 public:
  TokenBucket(int64_t per_minute, Counts counts) : each_ns_(60e9 / static_cast<double>(per_minute)), counts_(counts) {}
  // As the theoretical arrival time of a bucket of one minute's worth.
  Time ready_at(const limit::Demand& demand, Time now) override {
    return std::max({hold_until_, now, empty_at_ + cost(demand) - Time(60s)});
  }
  void sent(const limit::Demand& demand, Time now) override { empty_at_ = std::max(empty_at_, now) + cost(demand); }

 private:
  Time cost(const limit::Demand& demand) const {
    return Time(static_cast<int64_t>(static_cast<double>(amount(demand, counts_)) * each_ns_));
  }
  const double each_ns_;
  const Counts counts_;
  Time empty_at_{0};
};

class AdditiveIncrease final : public Holding {
 public:
  Time ready_at(const limit::Demand&, Time now) override {
    return in_flight_ >= static_cast<int64_t>(limit_) ? Time::max() : std::max(hold_until_, now);
  }
  void sent(const limit::Demand&, Time) override { ++in_flight_; }
  void throttled(const limit::Demand& demand, Time sent_at, std::optional<Time> retry_after, Time now) override {
    Holding::throttled(demand, sent_at, retry_after, now);
    --in_flight_;
    limit_ = std::max(limit_ * 0.9, 1.0);
  }
  void answered(const limit::Demand&, Time, int64_t, Time) override {
    if (2 * in_flight_ >= static_cast<int64_t>(limit_)) limit_ += 1 / limit_;
    --in_flight_;
  }

 private:
  double limit_ = 20;
  int64_t in_flight_ = 0;
};

}  // namespace

std::unique_ptr<Pacer> our_limiter(const v1::Limits& told) {
  return std::make_unique<OurLimiter>(told);
}
std::unique_ptr<Pacer> fixed_window_counter(int64_t per_minute, Counts counts) {
  return std::make_unique<FixedWindowCounter>(per_minute, counts);
}
std::unique_ptr<Pacer> token_bucket(int64_t per_minute, Counts counts) {
  return std::make_unique<TokenBucket>(per_minute, counts);
}
std::unique_ptr<Pacer> additive_increase() {
  return std::make_unique<AdditiveIncrease>();
}

}  // namespace harvest::simulation
