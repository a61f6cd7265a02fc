#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/network.h"
#include "tests/simulation/saturated_client.h"

namespace harvest::simulation {

/// How a vendor enforces: one kind of counter over one window.
struct Kind {
  const char* name;
  teachersim::limits::Enforcement enforcement;
  uint32_t window_seconds;
};
inline constexpr Kind kKinds[] = {{"fixed window", teachersim::limits::Enforcement::kFixedWindow, 60},
                                  {"sliding log", teachersim::limits::Enforcement::kSlidingLog, 60},
                                  {"sliding counter", teachersim::limits::Enforcement::kSlidingCounter, 60},
                                  {"token bucket", teachersim::limits::Enforcement::kTokenBucket, 60},
                                  {"sub-window 10 s", teachersim::limits::Enforcement::kFixedWindow, 10},
                                  {"sub-window 1 s", teachersim::limits::Enforcement::kFixedWindow, 1}};

/// What is limited: requests, or input tokens of which one prompt takes 2 to 10 % of a window's share.
enum class Load { kRequests, kCoarseTokens };
inline constexpr int64_t kRequestsPerMinute = 3000;
inline constexpr int64_t kTokensPerMinute = 6'000'000;

/// Who paces: ours, told the limit, the window and the network's spread; ours, told nothing; or what others do.
enum class Way { kStated, kLearned, kFixedWindowCounter, kTokenBucket, kAdditiveIncrease };
inline constexpr Way kWays[] = {Way::kStated, Way::kLearned, Way::kFixedWindowCounter, Way::kTokenBucket,
                                Way::kAdditiveIncrease};
std::string name_of(Way way);

/// One run of a saturated client: a quarter of an hour, with a restart two thirds through.
struct Figures {
  double used = 0;              ///< of the limit, from the second minute on
  double refused = 0;           ///< per 1,000 calls, from the second minute on
  double refused_at_first = 0;  ///< 429s of the first minute
  double converged = 0;         ///< seconds until a minute begins that is used to 0.95 of what the run uses
  double converged_again = 0;   ///< seconds from the restart, likewise
};
Figures measure(const Kind& kind, const Network& network, Load load, Way way, uint64_t seed);

/// The most that can be used where the limit is stated and no window may ever overflow: W / (W + D).
double bound(const Kind& kind, const Network& network);

/// Least, median and largest of each figure over seeds 1 to `seeds`.
struct Spread {
  double least = 0, median = 0, most = 0;
};
struct Row {
  Spread used, refused, refused_at_first, converged, converged_again;
};
Row row(const Kind& kind, const Network& network, Load load, Way way, uint64_t seeds);

}  // namespace harvest::simulation
