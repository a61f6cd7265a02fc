#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "service/schedule/share.h"

namespace harvest::simulation {

/// Holds what one teacher serves against what fair_queue.h promises.
///
///   - Of two tenants, of two priorities of a tenant, of two jobs of a priority, that both had something to send all
///     the while, each is served by weight: they differ by at most one quantum and one largest item each, in any span,
///     as tokens per weight. A quantum is at most the largest item per weight of the lightest of their level.
///   - A job with a floor that had something to send all the while was served floor * all tokens, but for one largest
///     item that it was behind at the end of a span and one that it was ahead at its beginning.
///
/// Floors go ahead of turns: where there is one below a member, the first promise is not held against it. Where
/// estimates are put right afterwards a visit may be of two quanta and an item, and all bounds are twice as wide.
class FairnessWatch {
 public:
  explicit FairnessWatch(bool estimates_put_right) : slack_(estimates_put_right ? 2 : 1) {}

  /// `largest`: the job's largest item, in tokens.
  void open(uint32_t job, const schedule::Share& share, int64_t largest);
  /// The job has something to send, or it has not.
  void present(uint32_t job, bool is);
  /// A complaint, or nothing.
  std::string served(uint32_t job, int64_t tokens);
  /// It turned out to be so many more, or less.
  void correct(uint32_t job, int64_t tokens);

 private:
  /// Tenant, priority + 1, job + 1; zero where the place stands higher.
  using Name = std::tuple<uint32_t, uint32_t, uint32_t>;
  struct Place {
    double weight = 1;
    int present = 0;  ///< jobs below it, or itself
    bool floors = false;
  };
  /// How far one of two is ahead of the other, per weight, and how far it ever was either way since both are present.
  struct Pair {
    Name one, other;
    double ahead = 0, most = 0, least = 0;
  };
  /// Tokens that a job is behind its floor, and the least that it ever was since it is present.
  struct Floor {
    double part = 0, behind = 0, least = 0;
  };

  std::vector<Name> path(uint32_t job) const;
  void add(const Name& name, double weight, bool floor);
  void count(uint32_t job, double tokens);
  double reach(const Pair& pair) const;

  const double slack_;
  double largest_ = 0;
  std::map<uint32_t, schedule::Share> shares_;
  std::map<Name, Place> places_;
  std::vector<Pair> pairs_;
  std::map<uint32_t, Floor> floors_;
};

}  // namespace harvest::simulation
