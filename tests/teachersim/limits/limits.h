#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "tests/teachersim/limits/meter.h"
#include "tests/teachersim/limits/utilisation.h"

/// All limits of one account, enforced together: a request is admitted when every dimension has room, and then taken
/// from all of them; otherwise from none (unless the provider counts refused requests).
///
///     Limits limits(plan);
///     Ask ask{.input_tokens = 120, .output_cap = 512};
///     Decision decision = limits.admit(ask, now);
///     if (decision.granted) { ...answer...; limits.settle(ask, now, output_tokens, later); }
///
/// Pure, as Meter is. Every granted ask is settled exactly once, also when it failed (with zero output tokens).
namespace teachersim::limits {

enum class OutputAccounting {
  kReserve,  // the request's cap is taken at admission, the unused part returned at settlement
  kActual,   // nothing is taken at admission (it must only not be overdrawn); the answer's tokens when it is answered
};

/// Zero means: no such limit. Figures are per minute and enforced in shares of a minute when the window is shorter.
struct Plan {
  std::int64_t requests_per_minute = 0;
  std::int64_t input_tokens_per_minute = 0;
  std::int64_t output_tokens_per_minute = 0;
  std::int64_t tokens_per_minute = 0;  // input and output together
  std::int64_t requests_per_day = 0;
  std::int64_t concurrency = 0;
  Enforcement enforcement = Enforcement::kTokenBucket;
  Time window = std::chrono::seconds(60);        // of requests
  Time token_window = std::chrono::seconds(60);  // of every kind of token
  Time day = std::chrono::hours(24);             // shorter days rehearse a daily quota
  OutputAccounting output_accounting = OutputAccounting::kReserve;
  bool count_rejected = false;  // refused requests weigh on the request limits too
};

struct Ask {
  std::int64_t input_tokens = 0;
  std::int64_t output_cap = 0;  // the most output tokens that the answer may have, all choices together
};

struct Decision {
  bool granted = false;
  Dimension refused_by = Dimension::kRequests;  // the dimension that holds longest
  Time retry_after{0};                          // zero when nobody can say (concurrency)
  bool never = false;                           // the ask alone is larger than the whole limit
};

/// A limit as a client sees it in headers, in figures per minute.
struct Standing {
  std::int64_t limit = 0;  // zero: no such limit
  std::int64_t remaining = 0;
  Time reset_in{0};  // until the limit is fully there again
};

class Limits {
 public:
  explicit Limits(const Plan& plan);

  Decision admit(const Ask& ask, Time now);
  void settle(const Ask& ask, Time admitted_at, std::int64_t output_tokens, Time now);

  Standing standing(Dimension dimension, Time now);
  std::int64_t in_flight() const { return in_flight_; }
  const Utilisation& utilisation() const { return utilisation_; }
  const Plan& plan() const { return plan_; }

 private:
  double taken_at_admission(Dimension dimension, const Ask& ask) const;
  Meter* meter(Dimension dimension) { return meters_[static_cast<std::size_t>(dimension)].get(); }
  Decision refuse(Dimension dimension, Time retry_after, bool never, Time now);

  const Plan plan_;
  std::array<std::unique_ptr<Meter>, kDimensions> meters_;  // null: no such limit
  std::int64_t in_flight_ = 0;
  Utilisation utilisation_;
};

/// The figure that the plan grants for a dimension, per minute (per day, at once); zero when there is no such limit.
std::int64_t granted_by(const Plan& plan, Dimension dimension);

}  // namespace teachersim::limits
