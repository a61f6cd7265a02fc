#include "service/flow/job_book.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cassert>
#include <utility>

#include "storage/store/tally.h"

namespace harvest::flow {

namespace {
// All windows together hold about this many queries, however many streams there are: memory is bounded by what is in
// flight or about to be, never by the size of the jobs.
constexpr size_t kWindowsTotal = 8192;
constexpr size_t kWindowMin = 16;
constexpr size_t kWindowMax = 1024;
}  // namespace

JobBook::JobBook(ReadyQueue& queue, Twins& twins, StreamReader reader, const runtime::Clock& clock,
                 boost::asio::io_context& decision_lane, Events events)
    : queue_(queue),
      twins_(twins),
      reader_(std::move(reader)),
      clock_(clock),
      events_(std::move(events)),
      results_(decision_lane, [this](std::vector<ReadResult> batch) {
        for (ReadResult& result : batch) deliver(std::move(result));
        events_.woken();
      }) {}

size_t JobBook::window_size() const {
  return std::clamp(kWindowsTotal / std::max<size_t>(streams_, 1), kWindowMin, kWindowMax);
}

JobDesk& JobBook::open(std::shared_ptr<const JobSpec> spec, const v1::JobRecord& record, limit::Budget budget,
                       TenantDesk* tenant) {
  assert(!desks_.contains(spec->number));
  auto desk = std::make_unique<JobDesk>();
  desk->spec = spec;
  desk->budget = budget;
  desk->tenant = tenant;
  desk->set_ceilings();
  const v1::JobCounters& counters = record.counters();
  desk->remaining = counters.queries() - store::ended(counters);
  desk->pairs_stored = counters.answered() + counters.refused();
  for (uint32_t stream = 0; stream < spec->streams(); ++stream) {
    StreamWindow& window = desk->windows.emplace_back();
    open_window(*desk, window, stream);
    for (schedule::StreamKey key : desk->queue_keys(stream)) open_queue(*desk, key);
  }
  streams_ += desk->windows.size();
  JobDesk& opened = *(desks_[spec->number] = std::move(desk));
  for (StreamWindow& window : opened.windows) refill(opened, window);
  return opened;
}

void JobBook::open_queue(const JobDesk& desk, schedule::StreamKey key) {
  const std::vector<uint32_t> servers = desk.queue_servers(key);
  queue_.open(key, desk.share_at(servers.front()), servers);
  for (size_t i = 1; i < servers.size(); ++i) queue_.set_share(key, servers[i], desk.share_at(servers[i]));
}

void JobBook::open_window(JobDesk& desk, StreamWindow& window, uint32_t stream) {
  window = StreamWindow();
  window.stream = stream;
  window.generation = ++generations_;
  if (desk.spec->job.ask() == v1::FALLBACK) window.route = events_.route(*desk.spec);
  if (desk.spec->job.route() != v1::ONLINE) window.by_batch = events_.by_batch(*desk.spec, stream);
}

void JobBook::close(uint64_t job) {
  auto found = desks_.find(job);
  if (found == desks_.end()) return;
  for (const StreamWindow& window : found->second->windows)
    for (schedule::StreamKey key : found->second->queue_keys(window.stream)) queue_.close(key);
  streams_ -= found->second->windows.size();
  std::erase_if(held_, [job](const Held& held) { return held.key.job == job; });
  desks_.erase(found);
}

JobDesk* JobBook::find(uint64_t job) {
  auto found = desks_.find(job);
  return found == desks_.end() ? nullptr : found->second.get();
}

void JobBook::refill() {
  for (auto& [number, desk] : desks_)
    for (StreamWindow& window : desk->windows) refill(*desk, window);
}

void JobBook::refill(JobDesk& desk, StreamWindow& window) {
  if (window.stale) {
    if (window.leaving == 0 && !window.reading) reload(desk, window);
    return;
  }
  const int64_t utc_us = clock_.utc_us();
  if (window.reading || desk.paused || window.exhausted(*desk.spec, utc_us)) return;
  size_t queued = 0;
  for (schedule::StreamKey key : desk.queue_keys(window.stream)) queued += queue_.size(key);
  const size_t size = window_size();
  if (queued > size / 2) return;

  window.reading = true;
  window.unread_due_us.reset();
  ReadOrder order{.spec = desk.spec, .stream = window.stream, .next_fresh = window.next_fresh, .held = window.held};
  order.route = window.route;
  order.limit = size - queued;
  order.utc_us = utc_us;
  order.generation = window.generation;
  twins_.read_begins();
  boost::asio::post(reading_.context(), [this, order = std::move(order)] { results_.push(reader_.read(order)); });
}

void JobBook::deliver(ReadResult result) {
  // Tickets are taken before the read counts as delivered: an answer that came while it was under way is remembered.
  for (const ReadyPtr& query : result.queries)
    for (Candidate& candidate : query->candidates)
      for (Candidate::Sample& sample : candidate.samples) sample.ticket = twins_.wait(sample.identity);
  twins_.read_delivered();
  JobDesk* desk = find(result.job);
  if (desk == nullptr || desk->windows[result.stream].generation != result.generation) return;
  StreamWindow& window = desk->windows[result.stream];
  window.reading = false;
  if (window.stale) return refill(*desk, window);  // fresh queries before these may have been dropped
  if (!result.status.ok()) return events_.read_failed(result.job, result.status);
  window.next_fresh = result.next_fresh;
  window.next_due_us = result.next_due_us;
  if (window.unread_due_us)
    window.next_due_us = std::min(window.next_due_us.value_or(INT64_MAX), *window.unread_due_us);
  const std::chrono::nanoseconds now = clock_.now();
  for (ReadyPtr& query : result.queries) {
    if (query->place.due_at_us)
      for (uint32_t i = 0; i < query->queries(); ++i) window.held.insert(query->place.ordinal + i);
    query->since = now;
    const Candidate& first = query->candidates.front();
    const int64_t cost = first.tokens_expected();
    const bool by_batch = window.by_batch && !query->online;
    queue_.push(desk->queue_key(result.stream, first.teacher, by_batch), cost, std::move(query));
  }
}

void JobBook::empty(JobDesk& desk, StreamWindow& window) {
  for (schedule::StreamKey key : desk.queue_keys(window.stream)) {
    queue_.close(key);
    open_queue(desk, key);
  }
  if (desk.paused || desk.starved) block(desk);
}

void JobBook::reload(JobDesk& desk, StreamWindow& window) {
  empty(desk, window);
  open_window(desk, window, window.stream);
  refill(desk, window);
}

void JobBook::reroute() {
  for (auto& [number, desk] : desks_) {
    const bool falls_back = desk->spec->job.ask() == v1::FALLBACK;
    const bool may_batch = desk->spec->job.route() != v1::ONLINE;
    if (!falls_back && !may_batch) continue;
    for (StreamWindow& window : desk->windows) {
      if (window.stale) continue;
      const bool stays = (!falls_back || window.route == events_.route(*desk->spec)) &&
                         (!may_batch || window.by_batch == events_.by_batch(*desk->spec, window.stream));
      if (stays) continue;
      // What waits in memory is on disk still, but for what is leaving now.
      empty(*desk, window);
      window.stale = true;
      refill(*desk, window);
    }
  }
}

void JobBook::leaves(const store::Place& place) {
  if (JobDesk* desk = find(place.job)) ++desk->windows[place.stream].leaving;
}

void JobBook::left(const store::Place& place, const absl::Status& status) {
  JobDesk* desk = find(place.job);
  if (desk == nullptr) return;
  StreamWindow& window = desk->windows[place.stream];
  assert(window.leaving > 0);
  --window.leaving;
  if (place.due_at_us)
    for (uint32_t i = 0; i < place.queries; ++i) window.held.erase(place.ordinal + i);
  if (!status.ok()) window.stale = true;
  if (window.stale && window.leaving == 0) refill(*desk, window);
}

void JobBook::postponed(uint64_t job, uint32_t stream, int64_t due_at_us) {
  JobDesk* desk = find(job);
  if (desk == nullptr) return;
  StreamWindow& window = desk->windows[stream];
  window.next_due_us = std::min(window.next_due_us.value_or(INT64_MAX), due_at_us);
  if (window.reading) window.unread_due_us = std::min(window.unread_due_us.value_or(INT64_MAX), due_at_us);
}

void JobBook::postponed_now(uint64_t job, uint32_t stream) {
  postponed(job, stream, clock_.utc_us());
  if (JobDesk* desk = find(job)) refill(*desk, desk->windows[stream]);
}

void JobBook::pause(JobDesk& desk, bool paused) {
  if (desk.paused && !paused) desk.resumed_at = clock_.now();
  desk.paused = paused;
  block(desk);
  if (!paused) refill();
}

void JobBook::starve(JobDesk& desk, bool starved) {
  desk.starved = starved;
  block(desk);
}

void JobBook::block(JobDesk& desk) {
  for (const StreamWindow& window : desk.windows)
    for (schedule::StreamKey key : desk.queue_keys(window.stream))
      desk.paused || desk.starved ? queue_.block(key) : queue_.unblock(key);
}

void JobBook::retune(JobDesk& desk, std::shared_ptr<const JobSpec> spec) {
  desk.spec = std::move(spec);
  desk.set_ceilings();
  for (const StreamWindow& window : desk.windows)
    for (schedule::StreamKey key : desk.queue_keys(window.stream))
      for (uint32_t server : desk.queue_servers(key)) queue_.set_share(key, server, desk.share_at(server));
  release_job(desk.spec->number);
}

void JobBook::hold(schedule::StreamKey key, uint32_t server, limit::Instant until) {
  queue_.hold(key, server);
  held_.push_back({key, server, until});
  release_at_ = std::min(release_at_, until);
}

limit::Instant JobBook::release(limit::Instant now) {
  if (now < release_at_) return release_at_;
  release_at_ = limit::kNever;
  std::erase_if(held_, [&](const Held& held) {
    if (held.until <= now)
      let_go(held);
    else
      release_at_ = std::min(release_at_, held.until);
    return held.until <= now;
  });
  return release_at_;
}

void JobBook::release_job(uint64_t job) {
  std::erase_if(held_, [&](const Held& held) {
    if (held.key.job == job) let_go(held);
    return held.key.job == job;
  });
}

void JobBook::release_all() {
  for (const Held& held : held_) let_go(held);
  held_.clear();
  release_at_ = limit::kNever;
}

/// Its queue may have been opened anew since, or be gone.
void JobBook::let_go(const Held& held) {
  if (queue_.contains(held.key)) queue_.release(held.key, held.server);
}

void JobBook::stop() {
  reading_.stop();
}

}  // namespace harvest::flow
