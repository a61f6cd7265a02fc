#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "service/schedule/fair_queue.h"

namespace harvest::schedule::testing {

/// Jobs that never run dry, each with one stream to teacher 0, and what they were served.
class Crowd {
 public:
  using Sizes = std::function<int64_t()>;

  void add(uint64_t job, const Share& share, Sizes sizes) {
    queue.open({.job = job}, share, {0});
    sizes_[job] = std::move(sizes);
    for (int i = 0; i < kAhead; ++i) push(job);
  }
  void remove(uint64_t job) {
    queue.close({.job = job});
    sizes_.erase(job);
  }

  /// Serves one item; whose it was, and its cost.
  std::pair<uint64_t, int64_t> take() {
    const uint64_t job = queue.front_stream(0)->job;
    const int64_t cost = queue.take(0);
    tokens[job] += cost;
    total += cost;
    push(job);
    return {job, cost};
  }
  void serve(int64_t amount) {
    for (const int64_t end = total + amount; total < end;) take();
  }
  /// What each job gets of the next so many tokens.
  std::map<uint64_t, double> parts(int64_t amount) {
    tokens.clear();
    const int64_t before = total;
    serve(amount);
    std::map<uint64_t, double> parts;
    for (const auto& [job, sizes] : sizes_) {
      parts[job] = static_cast<double>(tokens[job]) / static_cast<double>(total - before);
    }
    return parts;
  }

  FairQueue<int64_t> queue;
  std::map<uint64_t, int64_t> tokens;
  int64_t total = 0;

 private:
  static constexpr int kAhead = 3;

  void push(uint64_t job) {
    const int64_t cost = sizes_.at(job)();
    queue.push({.job = job}, cost, cost);
  }

  std::map<uint64_t, Sizes> sizes_;
};

inline constexpr int64_t kLargest = 1000;  ///< item, in tokens

/// Sizes of 1 to kLargest: mostly small, mostly large, two kinds, or always one size.
inline Crowd::Sizes any_sizes(std::mt19937& random) {
  const auto least = static_cast<int64_t>(1 + random() % static_cast<uint64_t>(kLargest));
  switch (random() % 4) {
    case 0:
      return [&random, least] { return static_cast<int64_t>(1 + random() % static_cast<uint64_t>(least)); };
    case 1:
      return [&random, least] {
        return least + static_cast<int64_t>(random() % static_cast<uint64_t>(kLargest - least + 1));
      };
    case 2:
      return [&random] { return random() % 20 == 0 ? kLargest : 1; };
    default:
      return [least] { return least; };
  }
}

/// From 0.01 to 100.
inline double any_weight(std::mt19937& random) {
  return std::pow(10, std::uniform_real_distribution<double>(-2, 2)(random));
}

}  // namespace harvest::schedule::testing
