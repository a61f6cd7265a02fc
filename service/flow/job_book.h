#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "harvest/v1/job.pb.h"
#include "service/flow/job_desk.h"
#include "service/flow/ready.h"
#include "service/flow/stream_reader.h"
#include "service/flow/twins.h"
#include "service/runtime/clock.h"
#include "service/runtime/lane.h"
#include "service/runtime/mailbox.h"
#include "service/schedule/fair_queue.h"

namespace harvest::flow {

using ReadyQueue = schedule::FairQueue<ReadyPtr>;

/// The running jobs, and their windows kept filled from disk. Reads run on a lane of their own, one at a time; what
/// they bring goes into the fair queue. Decision lane only, but for the reads.
class JobBook {
 public:
  /// `woken` is called when queries have arrived in the queue; `read_failed` when a stream cannot be read. `route` is
  /// asked who stands in for whom among a FALLBACK job's teachers, `by_batch` how a stream's teacher is reached.
  struct Events {
    std::function<FallbackRoute(const JobSpec&)> route;
    std::function<bool(const JobSpec&, uint32_t stream)> by_batch;
    std::function<void()> woken;
    std::function<void(uint64_t job, const absl::Status&)> read_failed;
  };
  JobBook(ReadyQueue& queue, Twins& twins, StreamReader reader, const runtime::Clock& clock,
          boost::asio::io_context& decision_lane, Events events);

  JobDesk& open(std::shared_ptr<const JobSpec> spec, const v1::JobRecord& record, limit::Budget budget,
                TenantDesk* tenant = nullptr);
  void close(uint64_t job);
  JobDesk* find(uint64_t job);
  std::map<uint64_t, std::unique_ptr<JobDesk>>& desks() { return desks_; }

  /// Orders a read for every window that runs low. Cheap; called a few times a second and when a query has been taken.
  void refill();
  void refill(JobDesk& desk, StreamWindow& window);

  /// Where other teachers stand in for a FALLBACK job's than before, or a teacher is reached otherwise, windows are
  /// dropped and read anew.
  void reroute();

  /// A query, or a group, is on its way out of its place: handed to the store...
  void leaves(const store::Place& place);
  /// ...and answered. A failure makes the window stale.
  void left(const store::Place& place, const absl::Status& status);
  /// A row was written that is due then.
  void postponed(uint64_t job, uint32_t stream, int64_t due_at_us);

  /// Likewise, and it is due at once: it is read as soon as there is room.
  void postponed_now(uint64_t job, uint32_t stream);

  void pause(JobDesk& desk, bool paused);
  void starve(JobDesk& desk, bool starved);
  /// Another spec of the same job (retuned()): its shares and ceilings hold from the next query on.
  void retune(JobDesk& desk, std::shared_ptr<const JobSpec> spec);

  /// A queue cannot go at this server now: it is passed over there until then, or until somebody lets it go before.
  void hold(schedule::StreamKey key, uint32_t server, limit::Instant until);
  /// Lets go what was held no longer than until now; when the next is due.
  limit::Instant release(limit::Instant now);
  /// Lets go what this job has held, since it may go now; or every job.
  void release_job(uint64_t job);
  void release_all();
  bool holds_any() const { return !held_.empty(); }
  /// Ends reading; waits for the read under way.
  void stop();

  /// Where reads are made. What else must read long goes there too.
  runtime::Lane& reading() { return reading_; }
  /// On that lane alone.
  StreamReader& reader() { return reader_; }

 private:
  void deliver(ReadResult result);
  void reload(JobDesk& desk, StreamWindow& window);
  void open_window(JobDesk& desk, StreamWindow& window, uint32_t stream);
  void open_queue(const JobDesk& desk, schedule::StreamKey key);
  void empty(JobDesk& desk, StreamWindow& window);
  void block(JobDesk& desk);
  size_t window_size() const;
  struct Held {
    schedule::StreamKey key;
    uint32_t server = 0;
    limit::Instant until{};
  };
  void let_go(const Held& held);

  ReadyQueue& queue_;
  Twins& twins_;
  StreamReader reader_;
  const runtime::Clock& clock_;
  Events events_;
  std::map<uint64_t, std::unique_ptr<JobDesk>> desks_;
  std::vector<Held> held_;
  limit::Instant release_at_ = limit::kNever;
  size_t streams_ = 0;
  uint64_t generations_ = 0;
  runtime::Mailbox<ReadResult> results_;
  runtime::Lane reading_{"reader"};
};

}  // namespace harvest::flow
