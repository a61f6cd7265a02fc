#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/limit/demand.h"
#include "service/limit/rate_finder.h"
#include "tests/simulation/setting.h"

namespace harvest::simulation {

/// Money of one owner over one time.
struct Account {
  int64_t spent = 0, at_risk = 0, reserved = 0;
  int64_t booked() const { return spent + at_risk + reserved; }
};

/// An owner whose money is counted by UTC day.
struct Days {
  limit::Purse::Caps caps;
  std::map<uint32_t, Account> days;
  std::map<uint32_t, int64_t> requests;

  /// Of the month of that day, all days or only those before it.
  Account month(uint32_t day, bool before = false) const;
};

/// One query, as it is on disk.
struct StoredQuery {
  uint32_t job = 0;
  Question question;
  uint32_t attempts = 0, throttled = 0, crashes = 0;
  Time due{0};
  int endings = 0;  ///< times that it was brought to rest: 1 at the end, never 2
};

struct StoredJob {
  std::optional<int64_t> cap;
  Account account;
  int64_t billed = 0;  ///< the vendor's figure, which nobody here may look at but the checks
};

struct Intent {
  uint32_t query = 0;
  uint32_t teacher = 0;
  uint32_t tenant = 0;
  uint32_t day = 0;
  limit::Demand demand;
};

/// What survives a crash: every change is atomic. Its books are kept apart from the service's own, and every change of
/// them is held against the caps.
class ModelStore {
 public:
  explicit ModelStore(const Setting& setting);

  /// Before the attempt's bytes leave. Its number.
  uint64_t open(const Intent& intent);
  /// It came to an end: so much was spent, or may have been.
  void close(uint64_t number, int64_t spent, bool at_risk);
  void bill(uint32_t job, int64_t amount);
  /// The first cap that was exceeded, if any was.
  const std::string& broken() const { return broken_; }

  std::vector<StoredQuery> queries;
  std::vector<StoredJob> jobs;
  std::vector<Days> teachers, tenants;
  std::vector<limit::FoundRates> found;  ///< what each teacher's limiter had found
  std::vector<Time> parked_until;
  std::map<uint64_t, Intent> intents;

 private:
  std::array<Account*, 3> accounts(const Intent& intent);
  void check(const Intent& intent);
  void hold_against(std::optional<int64_t> cap, int64_t amount, const char* whose, uint32_t number);

  uint64_t next_intent_ = 0;
  std::string broken_;
};

}  // namespace harvest::simulation
