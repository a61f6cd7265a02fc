#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <mutex>
#include <random>

#include "fault_file_system.h"
#include "rig.h"

namespace harvest::store::test {
namespace {

/// One query as its caller knows it.
struct Known {
  v1::Intent intent;
  bool reserve_acknowledged = false;
  bool end_pushed = false;  // Settle, Postpone or End is on its way
  bool settle_acknowledged = false;
};

/// Drives a store with random changes until the power goes, then holds what came back against what was acknowledged.
class Story {
 public:
  Story(Rig& rig, FaultFileSystem& disk, uint32_t seed) : rig_(rig), disk_(disk), random_(seed) {}

  void begin() {
    rig_.open();
    job_ = rig_.job(100'000);
  }
  void run_until_cut() {
    cursor_ = rig_->job(job_)->streams(0).cursor();
    waiting_ = rig_->postponed(job_, 0, rig_.now_us + 1'000'000'000, 1000);
    while (!disk_.is_cut()) {
      for (uint64_t burst = 1 + random_() % 12; burst > 0; --burst) step();
      // Waits for the burst; it fails when the power goes.
      if (!rig_->apply_and_wait(SetHalt{false, ""}).ok()) break;
    }
    disk_.power_cut();
    rig_.crash();
  }
  void check_recovered() {
    rig_.open();
    std::map<uint64_t, bool> open, paired;
    for (const v1::Intent& intent : rig_->start_report().crash_intents) open[intent.ordinal()] = true;
    for (const auto& row : rig_->pairs("d", 0, 1'000'000)) paired[row.pair.prompt()] = true;
    for (const auto& [ordinal, known] : known_) {
      INFO("query " << ordinal);
      if (known.settle_acknowledged) {
        CHECK(paired[ordinal]);
        CHECK_FALSE(open[ordinal]);
      } else if (known.reserve_acknowledged && !known.end_pushed) {
        CHECK(open[ordinal]);
      }
      if (open[ordinal]) CHECK_FALSE(paired[ordinal]);
    }
    for (const auto& [ordinal, is] : open) {
      if (is) CHECK(known_.contains(ordinal));
    }
    // What was acknowledged once must stay, over all cuts to come; the rest is the recovered store's to say.
    std::erase_if(known_, [](const auto& entry) { return !entry.second.settle_acknowledged; });
  }

 private:
  void step() {
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2:
        return reserve();
      case 3:
      case 4:
        return end([&](const v1::Intent& intent) { return Change(rig_.settle(intent, std::string(300, 'x'))); }, true);
      case 5:
        return end([&](const v1::Intent& intent) { return Change(rig_.postpone(intent, rig_.now_us)); }, false);
      case 6:
        if (random_() % 4 == 0) rig_->apply(CloseSegment{"d", "size", rig_.now_us}, [](const auto&, const auto&) {});
        return end([&](const v1::Intent& intent) { return Change(rig_.end(intent)); }, false);
      default:
        if (random_() % 8 == 0) rig_->apply(RequeueEndings{job_, rig_.now_us}, [](const auto&, const auto&) {});
        return reserve();
    }
  }
  void reserve() {
    v1::Intent intent;
    std::optional<int64_t> due;
    if (!waiting_.empty() && random_() % 2 == 0) {
      intent = rig_.intent(job_, 0, waiting_.back().ordinal());
      intent.set_attempt(waiting_.back().attempts() + 1);
      due = waiting_.back().due_at_us();
      waiting_.pop_back();
    } else {
      intent = rig_.intent(job_, 0, cursor_);
      intent.set_choices(random_() % 4);  // groups among them
      cursor_ += std::max(1u, intent.choices());
    }
    {
      std::lock_guard lock(mutex_);
      known_[intent.ordinal()] = {intent, false, false, false};
    }
    rig_->apply(rig_.reserve(intent, due),
                [this, ordinal = intent.ordinal()](const absl::Status& status, const Applied&) {
                  std::lock_guard lock(mutex_);
                  if (status.ok()) known_[ordinal].reserve_acknowledged = true;
                });
  }
  void end(const std::function<Change(const v1::Intent&)>& make, bool settles) {
    std::optional<v1::Intent> intent;
    {
      std::lock_guard lock(mutex_);
      for (auto& [ordinal, known] : known_) {
        if (!known.reserve_acknowledged || known.end_pushed || known.settle_acknowledged) continue;
        known.end_pushed = true;
        intent = known.intent;
        break;
      }
    }
    if (!intent) return;
    rig_->apply(make(*intent),
                [this, settles, ordinal = intent->ordinal()](const absl::Status& status, const Applied&) {
                  std::lock_guard lock(mutex_);
                  if (status.ok() && settles) known_[ordinal].settle_acknowledged = true;
                });
  }

  Rig& rig_;
  FaultFileSystem& disk_;
  std::mt19937 random_;
  uint64_t job_ = 0;
  uint64_t cursor_ = 0;
  std::vector<v1::Postponed> waiting_;
  std::mutex mutex_;
  std::map<uint64_t, Known> known_;
};

}  // namespace

TEST_CASE("no acknowledged change is lost when the power goes at any moment", "[store][power]") {
  const int cuts = static_cast<int>(100 * scale());
  Rig rig;
  auto disk = std::make_shared<FaultFileSystem>(7);
  rig.options.file_system = disk;
  rig.options.memtable_bytes = 1 << 20;  // flushes and compactions are cut too
  rig.options.retry_every = std::chrono::milliseconds(5);
  Story story(rig, *disk, 11);
  std::mt19937 random(13);
  story.begin();
  for (int cut = 0; cut < cuts; ++cut) {
    CAPTURE(cut);
    disk->cut_after(random() % 300);
    story.run_until_cut();
    disk->restore(cut % 2 == 0);
    // Every other time the power goes again, while the store is being opened.
    if (cut % 2 == 1) {
      disk->cut_after(random() % 40);
      const bool opened = rig.try_open().ok();
      disk->power_cut();
      if (opened) rig.crash();
      disk->restore(cut % 4 == 1);
      if (opened) {
        rig.open();
        rig.crash();
        continue;  // its report was given to that opening
      }
    }
    REQUIRE(recount(rig.options) == kAgreement);
    story.check_recovered();
  }
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

}  // namespace harvest::store::test
