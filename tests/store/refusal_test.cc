#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "fault_file_system.h"
#include "rig.h"

namespace harvest::store::test {
namespace {

/// Takes a stream in order as the service does: several reservations on their way at once; after a refusal nothing new
/// until all of them were answered, then on from the cursor. What was reserved is settled.
class Caller {
 public:
  Caller(Rig& rig, uint64_t job, uint64_t queries) : rig_(rig), job_(job), queries_(queries) {}

  void run() {
    while (settled_ < queries_) {
      if (refused_ && leaving_ == 0) take_up_again();
      while (!refused_ && next_ < queries_ && leaving_ < kAhead) reserve(next_++);
      std::optional<News> news = wait();
      REQUIRE(news);
      news->intent ? hear_of_reservation(*news) : hear_of_answer(*news);
    }
  }
  int refusals() const { return refusals_; }

 private:
  static constexpr uint64_t kAhead = 12;
  struct News {
    std::optional<v1::Intent> intent;  // of a reservation
    absl::Status status;
  };

  void reserve(uint64_t ordinal) {
    ++leaving_;
    const v1::Intent intent = rig_.intent(job_, 0, ordinal);
    rig_->apply(rig_.reserve(intent), [this, intent](const absl::Status& status, const Applied&) {
      tell({intent, status});
    });
  }
  void hear_of_reservation(const News& news) {
    --leaving_;
    const uint64_t ordinal = news.intent->ordinal();
    CAPTURE(ordinal, news.status.ToString());
    if (news.status.ok()) {
      CHECK_FALSE(refused_);  // nothing overtakes a refused query
      rig_->apply(rig_.settle(*news.intent, std::string(40'000, 'x')),
                  [this](const absl::Status& status, const Applied&) {
                    tell({std::nullopt, status});
                  });
    } else {
      ++refusals_;
      if (!refused_) refused_ = ordinal;
    }
  }
  void hear_of_answer(const News& news) {
    CHECK(news.status.ok());
    ++settled_;
  }
  void take_up_again() {
    next_ = rig_->job(job_)->streams(0).cursor();
    CHECK(next_ == *refused_);
    refused_.reset();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void tell(News news) {
    std::lock_guard lock(mutex_);
    news_.push_back(std::move(news));
    came_.notify_one();
  }
  std::optional<News> wait() {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, std::chrono::seconds(30), [this] { return !news_.empty(); })) return std::nullopt;
    News news = std::move(news_.front());
    news_.pop_front();
    return news;
  }

  Rig& rig_;
  const uint64_t job_;
  const uint64_t queries_;
  uint64_t next_ = 0, leaving_ = 0, settled_ = 0;
  std::optional<uint64_t> refused_;  // the first that was, since the stream was last taken up
  int refusals_ = 0;
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<News> news_;
};

}  // namespace

TEST_CASE("after a refusal a stream is taken up again at the first query that was refused", "[store][io]") {
  int refusals = 0;
  const uint64_t step = std::max<uint64_t>(1, static_cast<uint64_t>(11 / scale()));
  for (uint64_t k = 0; k < 160; k += step) {
    CAPTURE(k);
    Rig rig;
    auto disk = std::make_shared<FaultFileSystem>();
    rig.options.file_system = disk;
    rig.options.memtable_bytes = 1 << 20;
    rig.options.retry_every = std::chrono::milliseconds(1);  // well again while reservations are still on their way
    rig.open();
    const uint64_t job = rig.job(60);
    disk->fail_after(k, k % 2 == 0 ? rocksdb::IOStatus::IOError("injected") : rocksdb::IOStatus::NoSpace("injected"),
                     1 + k % 4);
    Caller caller(rig, job, 60);
    caller.run();
    refusals += caller.refusals();
    CHECK(rig->job(job)->state() == v1::FINISHED);
    CHECK(rig->job(job)->counters().attempts() == 60);
    rig.crash();
    disk->fail_after(0, rocksdb::IOStatus::OK(), 0);
    CHECK(recount(rig.options) == kAgreement);
  }
  CHECK(refusals > 0);
}

TEST_CASE("a store that used up its bytes refuses beginnings until there are more", "[store][io]") {
  Rig rig;
  auto disk = std::make_shared<FaultFileSystem>();
  rig.options.file_system = disk;
  rig.options.memtable_bytes = 1 << 20;
  rig.options.retry_every = std::chrono::milliseconds(2);
  rig.open();
  const uint64_t job = rig.job(1000);
  const uint64_t budget = disk->used_bytes() + (6 << 20);
  disk->set_budget(budget);
  const std::string noise = [] {
    std::string bytes(50'000, ' ');
    uint64_t word = 1;
    for (char& c : bytes) c = static_cast<char>((word = word * 6364136223846793005 + 1442695040888963407) >> 56);
    return bytes;
  }();
  uint64_t begun = 0;
  std::atomic<uint64_t> settled = 0, lost = 0;
  absl::Status refused;
  while (begun < 1000) {
    const v1::Intent intent = rig.intent(job, 0, begun);
    refused = rig->apply_and_wait(rig.reserve(intent)).status();
    if (!refused.ok()) break;
    ++begun;
    rig->apply(rig.settle(intent, noise),
               [&](const absl::Status& status, const Applied&) { ++(status.ok() ? settled : lost); });
  }
  CHECK(refused.code() == absl::StatusCode::kResourceExhausted);
  CHECK(disk->used_bytes() <= budget);
  CHECK(rig->health().code() == absl::StatusCode::kResourceExhausted);
  CHECK(settled + rig->stalled_changes() == begun);
  CHECK(rig->pairs("d", 0, 1000).size() == settled);

  disk->set_budget(std::nullopt);
  for (int i = 0; i < 5000 && settled < begun; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  CHECK(settled == begun);
  CHECK(lost == 0);
  // What the disk did to the database in the background may be told a moment later, and is mended then.
  const v1::Intent next = rig.intent(job, 0, begun);
  for (int i = 0; i < 5000; ++i) {
    refused = rig->apply_and_wait(rig.reserve(next)).status();
    if (refused.ok()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  CHECK(refused.ok());
  CHECK(rig->stalled_changes() == 0);
  rig.crash();
  CHECK(recount(rig.options) == kAgreement);
}

}  // namespace harvest::store::test
