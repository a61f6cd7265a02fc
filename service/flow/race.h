#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "service/dialect/dialect.h"
#include "service/flow/query_run.h"
#include "service/runtime/task.h"

namespace harvest::flow {

/// A hedged attempt: where its call is slower than nearly all others, a second one is made, and the first whole answer
/// counts. Both were reserved before they were sent, and both are paid for; the answer that nobody waited for is kept.
///
/// Shared by the run that waits and by its calls that are out; decision lane only.
class Race : public std::enable_shared_from_this<Race> {
 public:
  struct Call {
    size_t endpoint = 0;
    limit::Permit permit;
    v1::Intent intent;  ///< of this call alone
    bool under_ceiling = false;
    bool out = false;
    std::optional<dialect::HttpExchange> exchange;  ///< how it ended
    dialect::Outcome outcome;

    bool answered() const { return exchange && outcome.has_answer(); }
  };

  Race(Harvester& house, const QueryRun& run);

  /// Some call is out, and none has answered.
  bool undecided() const;
  void send(Call& call, dialect::HttpRequest request);
  /// Until a call ends; at most so long.
  runtime::Task<void> wait(std::optional<std::chrono::nanoseconds> at_most);
  /// The call that counts goes into the run, with what the other one has cost or may still cost; its exchange is
  /// returned. Requires that it is decided.
  dialect::HttpExchange finish(QueryRun& run);
  /// The run is at rest: what the other call came to may be booked, now or when it ends.
  void run_at_rest();
  /// The intent of the attempt, raised to bound both calls.
  v1::Intent both() const;

  const std::shared_ptr<const JobSpec> spec;
  const JobSpec::AskedTeacher& asked;  ///< in spec
  TeacherDesk& teacher;
  const v1::Sampling sampling;
  Call first;
  std::optional<Call> second;

 private:
  void ended(Call& call, dialect::HttpExchange exchange);
  void ring();

  Harvester& house_;
  boost::asio::steady_timer patience_;
  absl::AnyInvocable<void()> rung_;
  Call* late_ = nullptr;  ///< that nobody waits for
  bool run_at_rest_ = false;
};

/// Asks as a hedged job may: a second time where the first call is slow (for its teacher and its size, which must be
/// known), its job's share of second calls is not used up, and limits and money allow it.
runtime::Task<dialect::HttpExchange> ask_hedged(Harvester& house, QueryRun& run, dialect::HttpRequest request);

}  // namespace harvest::flow
