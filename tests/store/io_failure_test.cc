#include <sys/mount.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <thread>

#include "fault_file_system.h"
#include "rig.h"

namespace harvest::store::test {
namespace {

/// Until the store takes it: refused changes are made again, as a caller would.
absl::StatusOr<Applied> insist(Rig& rig, const std::function<Change()>& make) {
  for (int attempt = 0; attempt < 2000; ++attempt) {
    auto applied = rig->apply_and_wait(make());
    const absl::StatusCode code = applied.status().code();
    if (code != absl::StatusCode::kUnavailable && code != absl::StatusCode::kResourceExhausted) return applied;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return absl::DeadlineExceededError("the store never became well again");
}

/// A short life with everything in it. True: every change was taken in the end.
void work(Rig& rig) {
  const std::string block = prompt_block(0, 20);
  uint64_t job = 0;
  OpenDraft open;
  open.record.set_id("j_1");
  open.record.set_submission_id("s");
  open.record.mutable_job()->add_teachers("t0");
  auto opened = insist(rig, [&] { return Change(open); });
  REQUIRE(opened.ok());
  job = opened->number;
  REQUIRE(insist(rig, [&] { return Change(AddPrompts{job, 0, 20, block}); }).ok());
  REQUIRE(insist(rig, [&] { return Change(CommitDraft{job, 20, 0}); }).ok());
  for (uint64_t ordinal = 0; ordinal < 20; ++ordinal) {
    const v1::Intent intent = rig.intent(job, 0, ordinal);
    REQUIRE(insist(rig, [&] { return Change(rig.reserve(intent)); }).ok());
    if (ordinal % 5 == 4) {
      REQUIRE(rig->apply_and_wait(rig.end(intent)).ok());
    } else {
      REQUIRE(rig->apply_and_wait(rig.settle(intent, std::string(90'000, 'a' + ordinal))).ok());
    }
  }
  REQUIRE(insist(rig, [&] { return Change(CloseSegment{"d", "size", 1}); }).ok());
}

void check_worked(Rig& rig) {
  const auto job = rig->find_job("j_1");
  REQUIRE(job.ok());
  CHECK(job->state() == v1::FINISHED);
  CHECK(job->counters().answered() == 16);
  CHECK(job->counters().rejected() == 4);
  CHECK(rig->pairs("d", 0, 100).size() == 16);
  CHECK(rig->dataset("d")->segments() == 1);
}

void fail_each_call(const rocksdb::IOStatus& error, uint64_t failures) {
  uint64_t calls = 1;
  uint64_t step = 1;
  for (uint64_t k = 0; k < calls; k += step) {
    Rig rig;
    auto disk = std::make_shared<FaultFileSystem>();
    rig.options.file_system = disk;
    rig.options.memtable_bytes = 1 << 20;
    rig.options.retry_every = std::chrono::milliseconds(3);
    disk->fail_after(k, error, failures);
    CAPTURE(k, calls);
    // A failure while opening is answered by an error; the next start finds a store that is whole.
    for (int attempt = 0; attempt < 100 && !rig.try_open().ok(); ++attempt) continue;
    REQUIRE(rig.is_open());
    work(rig);
    const uint64_t worked = disk->calls();
    disk->fail_after(0, error, 0);  // what was not met while it worked is not met after
    check_worked(rig);
    CHECK(rig->health().ok());
    CHECK(rig->stalled_changes() == 0);
    rig.crash();
    CHECK(recount(rig.options) == kAgreement);
    rig.open();
    check_worked(rig);
    CHECK(rig->start_report().crash_intents.empty());
    if (calls == 1) {
      calls = worked;
      step = std::max<uint64_t>(1, static_cast<uint64_t>(1 / scale()));  // every call at scale 1
    }
  }
}

}  // namespace

TEST_CASE("whichever call fails with an I/O error the store goes on by itself", "[store][io]") {
  fail_each_call(rocksdb::IOStatus::IOError("injected"), 1);
}

TEST_CASE("whichever calls find the disk full the store goes on by itself", "[store][io]") {
  fail_each_call(rocksdb::IOStatus::NoSpace("injected"), 3);
}

TEST_CASE("on a full disk beginnings are refused and answers wait until there is room", "[store][io]") {
  Rig rig;
  const std::string mount_point = (rig.directory() / "disk").string();
  std::filesystem::create_directory(mount_point);
  if (::mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "size=24m") != 0) {
    WARN("not run: mounting a tmpfs is not permitted here");
    return;
  }
  struct Unmount {
    const std::string& path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } unmount{mount_point};
  rig.options.path = mount_point + "/store";
  rig.options.memtable_bytes = 2 << 20;
  rig.options.retry_every = std::chrono::milliseconds(100);
  rig.open();
  const uint64_t job = rig.job(2000);
  std::vector<v1::Intent> intents;
  for (uint64_t i = 0; i < 200; ++i) intents.push_back(rig.asked(job, i));
  const std::string ballast = mount_point + "/ballast";
  {
    std::ofstream file(ballast, std::ios::binary);
    const std::string piece(64 << 10, 'b');
    for (int i = 0; i < 1000 && file.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush(); ++i)
      continue;
  }
  std::mt19937 random(5);
  std::atomic<int> settled = 0, failed = 0;
  for (const v1::Intent& intent : intents) {
    std::string noise(20'000, ' ');
    for (char& c : noise) c = static_cast<char>(random());
    rig->apply(rig.settle(intent, noise),
               [&](const absl::Status& status, const Applied&) { ++(status.ok() ? settled : failed); });
  }
  const absl::Status refused = rig.fails(rig.reserve(rig.intent(job, 0, 200)));
  CHECK(refused.code() == absl::StatusCode::kResourceExhausted);
  CHECK(rig->health().code() == absl::StatusCode::kResourceExhausted);
  CHECK(rig->stalled_changes() > 0);
  // One that was pushed behind it, before its caller knew: refused as well, and no broken invariant.
  CHECK_FALSE(rig->apply_and_wait(rig.reserve(rig.intent(job, 0, 201))).ok());
  CHECK(rig->pairs("d", 0, 1000).size() == static_cast<size_t>(settled.load()));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  CHECK(settled < 200);
  CHECK(failed == 0);

  std::filesystem::remove(ballast);
  for (int i = 0; i < 150 && settled < 200; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CHECK(settled == 200);
  CHECK(failed == 0);
  CHECK(rig->health().ok());
  CHECK(rig->stalled_changes() == 0);
  rig.asked(job, 200);
  rig.asked(job, 201);
  rig.crash();
  CHECK(recount(rig.options) == kAgreement);
  rig.open();
  CHECK(rig->pairs("d", 0, 1000).size() == 200);
  CHECK(rig->start_report().crash_intents.size() == 2);
  rig.crash();
}

}  // namespace harvest::store::test
