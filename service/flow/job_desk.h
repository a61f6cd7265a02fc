#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "service/flow/fallback_route.h"
#include "service/flow/job_spec.h"
#include "service/flow/rate_meter.h"
#include "service/flow/tenant_desk.h"
#include "service/flow/wait_book.h"
#include "service/flow/wait_cause.h"
#include "service/limit/budget.h"
#include "service/limit/ceiling.h"
#include "service/limit/demand.h"
#include "service/limit/permit.h"
#include "service/limit/wallet.h"
#include "service/quality/answer_watch.h"
#include "service/schedule/fair_queue.h"
#include "service/schedule/share.h"

namespace harvest::flow {

/// What is in memory of one stream: a bounded window of the queries that wait on disk.
struct StreamWindow {
  uint32_t stream = 0;
  std::optional<uint64_t> next_fresh;  ///< first ordinal not yet read; none: as the cursor on disk says
  absl::flat_hash_set<uint64_t> held;  ///< postponed ordinals in memory, until they have left their rows
  std::optional<int64_t> next_due_us;  ///< earliest postponed row that is not in memory
  uint64_t generation = 0;             ///< of this window: what was read for an earlier one is dropped
  bool reading = false;
  /// Earliest row written since the read under way began, which may not have seen it.
  std::optional<int64_t> unread_due_us;
  /// Changes that take queries from their places and are not yet on disk. Fresh queries leave in order, so when one
  /// such change fails the window is stale: it is dropped and read anew once every change has been answered.
  uint32_t leaving = 0;
  bool stale = false;
  bool by_batch = false;  ///< of this window, likewise
  FallbackRoute route;    ///< of this window: fresh queries leave in order, so all of them stand before one teacher

  bool exhausted(const JobSpec& spec, int64_t utc_us) const {
    return next_fresh && *next_fresh >= spec.ordinals() && (!next_due_us || *next_due_us > utc_us);
  }
};

/// One job as the harvester deals with it. Decision lane only.
struct JobDesk {
  std::shared_ptr<const JobSpec> spec;
  limit::Budget budget;
  TenantDesk* tenant = nullptr;
  std::map<uint32_t, limit::Ceiling> ceilings;  ///< by teacher; one that is missing has none
  uint64_t remaining = 0;                       ///< queries that have not ended
  uint64_t in_flight = 0;                       ///< queries, likewise
  uint64_t in_batches = 0;                      ///< of those, in batches
  uint64_t attempts = 0;                        ///< in flight online: of a group, one
  uint64_t begun = 0, hedges = 0;               ///< attempts since it was opened, and second calls beside them
  uint64_t late_calls = 0;                      ///< out, or not yet booked, that no query waits for
  std::map<uint32_t, uint64_t> online_at;       ///< in flight, not in batches, by teacher; kept at 0
  uint64_t pairs_stored = 0;
  std::chrono::nanoseconds resumed_at{};  ///< monotonic: the end of its last pause
  bool paused = false;     ///< blocked in the queue: by an operator, or because nothing more of it can be asked
  bool cancelled = false;  ///< goes once its attempts in flight are at rest
  bool starved = false;    ///< blocked until an attempt in flight gives money back
  limit::Dimension binding = limit::Dimension::kNone;
  std::map<uint32_t, limit::Dimension> bound_at;  ///< by teacher: what its last query was told there
  std::string_view paused_for = cause::kPause;    ///< while it is paused
  int64_t parked_until_us = 0;                    ///< the latest of its queries that wait for an identical one
  WaitBook waits;
  std::vector<StreamWindow> windows;
  RateMeter pairs, tokens;
  std::map<uint32_t, quality::AnswerWatch> answers;  ///< by teacher: what its last ones were like

  /// The queues of a stream: one, but for FALLBACK, where each teacher has its own and a query moves from one to the
  /// next; and where queries may go by batch, which wait in a queue of their own.
  std::vector<schedule::StreamKey> queue_keys(uint32_t stream) const;
  schedule::StreamKey queue_key(uint32_t stream, uint32_t teacher, bool by_batch = false) const;
  /// Whose rounds a queue is in (an account's, or a teacher's batches), and the teachers that may be asked there.
  std::vector<uint32_t> queue_servers(schedule::StreamKey key) const;
  std::vector<uint32_t> queue_teachers(schedule::StreamKey key) const;
  bool is_of_batches(schedule::StreamKey key) const;

  limit::Wallet payer() { return {.job = &budget, .tenant = tenant != nullptr ? &tenant->purse : nullptr}; }
  /// What the job gets of that server: by its tenant, priority, weight, and its floor at one of the teachers there.
  schedule::Share share_at(uint32_t server) const;
  /// Its ceiling at this teacher, or null.
  limit::Ceiling* ceiling(uint32_t teacher);
  /// Counts an attempt under its ceiling at this teacher; false: it has none.
  bool take_of_ceiling(uint32_t teacher, const limit::Permit& permit);
  /// As the spec has them now; what is in flight stays counted.
  void set_ceilings();
  /// Is its share of second calls not used up?
  bool may_hedge() const {
    return static_cast<double>(hedges + 1) <= spec->job.hedge_ratio_max() * static_cast<double>(begun);
  }
  bool at_its_concurrency() const { return spec->job.concurrency() > 0 && attempts >= spec->job.concurrency(); }
};

/// To the fair queue an account's online attempts are a server, and a teacher's batches one of their own: this and the
/// teacher's index.
inline constexpr uint32_t kBatchServer = 1 << 20;

/// What a tenant's jobs of this priority get together, relative to those of another.
double weight_of(v1::Priority priority);

}  // namespace harvest::flow
