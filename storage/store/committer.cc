#include "storage/store/committer.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "rocksdb/perf_level.h"

namespace harvest::store {
namespace {

// A group past this is written before more is added: bounds the batch, and how long a handler waits behind an intake.
constexpr size_t kGroupBytesMax = 4 << 20;

}  // namespace

Committer::Committer(Database& database, State& state, std::chrono::milliseconds retry_every,
                     std::function<void(std::chrono::nanoseconds)> written)
    : database_(database),
      state_(state),
      group_(database, state),
      retry_every_(retry_every),
      written_(std::move(written)) {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "store");
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);  // its counters cost some percent, and nobody reads them
    run();
  });
}

Committer::~Committer() {
  close().IgnoreError();
}

void Committer::push(Change&& change, Store::Done done) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (!closing_) {
      queue_.emplace_back(std::move(change), std::move(done));
      wake = std::exchange(waiting_, false);
      if (wake) wake_.notify_one();
      return;
    }
  }
  done(absl::CancelledError("the store is closed"), Applied{});
  group_answered();
}

void Committer::after_each_group(std::function<void()> listener) {
  std::lock_guard lock(listener_mutex_);
  group_listener_ = std::move(listener);
}

void Committer::group_answered() {
  std::lock_guard lock(listener_mutex_);
  if (group_listener_) group_listener_();
}

absl::Status Committer::close() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  return health();
}

absl::Status Committer::health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

void Committer::set_health(absl::Status status) {
  std::lock_guard lock(mutex_);
  health_ = std::move(status);
}

void Committer::run() {
  Batch batch;
  while (take(batch)) {
    if (health_.ok()) {
      commit(batch);
    } else {
      turn_away(batch, 0, batch.size());
      if (std::chrono::steady_clock::now() - last_try_ >= retry_every_) try_again();
    }
    group_answered();
    batch.clear();  // keeps its capacity, which the queue gets back at the next swap
  }
  if (!health_.ok()) try_again();
  for (Pending& pending : stalled_) pending.done(health_, Applied{});
  stalled_.clear();
  stalled_count_ = 0;
  group_answered();
}

bool Committer::take(Batch& batch) {
  std::unique_lock lock(mutex_);
  auto ready = [this] { return !queue_.empty() || closing_; };
  while (!ready()) {
    waiting_ = true;
    if (health_.ok()) {
      wake_.wait(lock);
    } else if (wake_.wait_until(lock, last_try_ + retry_every_) == std::cv_status::timeout) {
      break;
    }
  }
  waiting_ = false;
  batch.swap(queue_);
  return !(batch.empty() && closing_);
}

absl::Status Committer::apply_one(Pending& pending) {
  pending.applied = Applied{};
  return std::visit(
      [&](auto& change) -> absl::Status {
        if constexpr (std::is_same_v<std::decay_t<decltype(change)>, RequeueEndings>) {
          return requeue_some(group_, change, pending.resume, pending.applied);
        } else {
          return apply(group_, change, pending.applied);
        }
      },
      pending.change);
}

size_t Committer::build(Batch& batch, size_t first) {
  group_.begin();
  size_t end = first;
  while (end < batch.size() && group_.bytes() < kGroupBytesMax) {
    // It reads endings, and those of this group are not yet there to be read.
    if (std::holds_alternative<RequeueEndings>(batch[end].change)) break;
    batch[end].status = apply_one(batch[end]);
    ++end;
  }
  return end;
}

absl::Status Committer::write() {
  const auto begin = std::chrono::steady_clock::now();
  absl::Status status = group_.write();
  if (status.ok() && written_) written_(std::chrono::steady_clock::now() - begin);
  return status;
}

void Committer::commit(Batch& batch) {
  size_t first = 0;
  while (first < batch.size()) {
    if (std::holds_alternative<RequeueEndings>(batch[first].change)) {
      requeue(batch[first++]);
      if (!health_.ok()) return turn_away(batch, first, batch.size());
      continue;
    }
    const size_t end = build(batch, first);
    absl::Status written = write();
    if (!written.ok()) {
      set_health(std::move(written));
      last_try_ = std::chrono::steady_clock::now();
      return turn_away(batch, first, batch.size());
    }
    for (; first < end; ++first) batch[first].done(batch[first].status, batch[first].applied);
    if (first < batch.size()) group_answered();
  }
}

void Committer::requeue(Pending& pending) {
  uint64_t moved = 0;
  do {
    group_.begin();
    pending.status = apply_one(pending);
    moved += pending.applied.count;
    if (!pending.status.ok()) break;
    absl::Status written = write();
    if (!written.ok()) {
      set_health(written);
      last_try_ = std::chrono::steady_clock::now();
      pending.status = std::move(written);
    }
  } while (pending.status.ok() && !pending.resume.empty());
  pending.applied.count = moved;
  if (!pending.status.ok()) state_.drop();
  pending.done(pending.status, pending.applied);
}

void Committer::turn_away(Batch& batch, size_t first, size_t end) {
  // In this order, so that a handler that asks how many are stalled is told the truth.
  for (size_t i = first; i < end; ++i) {
    if (must_be_kept(batch[i].change))
      stalled_.push_back(std::move(batch[i]));
    else
      refuse(batch[i]);
    stalled_count_ = stalled_.size();
  }
}

void Committer::refuse(Pending& pending) {
  if (const Place* place = place_of(pending.change); place != nullptr && !place->due_at_us) {
    uint64_t& end = state_.refused_end[{place->job, place->stream}];
    end = std::max(end, place->ordinal + place->queries);
  }
  pending.done(health_, Applied{});
}

void Committer::try_again() {
  last_try_ = std::chrono::steady_clock::now();
  absl::Status healed = database_.heal();
  if (healed.ok()) {
    // A write of no change at all: the store's own row. Only what the disk takes and syncs proves it well.
    group_.begin();
    state_.meta.edit(keys::kMeta);
    group_.must_sync();
    healed = group_.write();
  }
  set_health(healed);
  if (!healed.ok()) return;
  Batch kept = std::exchange(stalled_, {});
  commit(kept);  // what fails again is stalled again, in order
  stalled_count_ = stalled_.size();
}

}  // namespace harvest::store
