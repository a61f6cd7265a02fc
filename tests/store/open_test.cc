#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>

#include "rig.h"
#include "rocksdb/db.h"
#include "storage/store/database.h"
#include "storage/store/directory.h"
#include "storage/store/group.h"
#include "storage/store/state.h"

namespace harvest::store::test {

TEST_CASE("a second opener is refused by name and harms nothing", "[store]") {
  Rig rig;
  int opened[2];
  REQUIRE(::pipe(opened) == 0);
  const pid_t child = ::fork();  // before the store has a thread
  if (child == 0) {
    char go = 0;
    if (::read(opened[0], &go, 1) != 1) ::_exit(2);
    auto third = Store::open(rig.options, 0);
    const std::string want = "pid " + std::to_string(::getppid());
    const bool right = third.status().code() == absl::StatusCode::kFailedPrecondition &&
                       std::string(third.status().message()).find(want) != std::string::npos;
    ::_exit(right ? 0 : 1);
  }
  rig.open();
  auto second = Store::open(rig.options, 0);
  REQUIRE_FALSE(second.ok());
  CHECK(second.status().code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(::write(opened[1], "x", 1) == 1);
  int ended = 0;
  ::waitpid(child, &ended, 0);
  CHECK(ended == 0);
  ::close(opened[0]);
  ::close(opened[1]);
  rig.job(1);
  rig.close();
}

TEST_CASE("a store of a newer schema is refused and not touched", "[store]") {
  Rig rig;
  rig.open();
  rig.close();
  {
    std::vector<std::string> names;
    REQUIRE(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), rig.options.path, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    REQUIRE(rocksdb::DB::Open(rocksdb::DBOptions(), rig.options.path, families, &handles, &db).ok());
    rocksdb::ColumnFamilyHandle* made = nullptr;
    REQUIRE(db->CreateColumnFamily(rocksdb::ColumnFamilyOptions(), "schema.2", &made).ok());
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
    db->DestroyColumnFamilyHandle(made);
    delete db;
  }
  auto listing = [&] {
    std::map<std::string, std::filesystem::file_time_type> files;
    for (const auto& file : std::filesystem::directory_iterator(rig.options.path)) {
      files[file.path()] = file.last_write_time();
    }
    return files;
  };
  const auto before = listing();
  const absl::Status status = rig.try_open();
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK_THAT(std::string(status.message()), Catch::Contains("schema 2") && Catch::Contains(rig.options.path));
  CHECK(listing() == before);
}

TEST_CASE("a day's row of before tokens were counted is read and grows", "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(1);
  rig.close();
  {
    auto database = Database::open(rig.options);
    REQUIRE(database.ok());
    State state;
    REQUIRE(state.load(**database).ok());
    Group group(**database, state);
    group.begin();
    group.put(Family::kDefault, keys::day(19000, "t0"), rocksdb::Slice(Key().u64(3).i64(2100).i64(500)));
    group.must_sync();
    REQUIRE(group.write().ok());
  }
  rig.open();
  CHECK(rig->teacher_day("t0", 19000).at_risk_picodollars == 500);
  CHECK(rig->teacher_day("t0", 19000).input_tokens == 0);
  rig.must(rig.settle(rig.asked(job, 0)));
  rig.close();
  rig.open();
  const TeacherDay day = rig->teacher_day("t0", 19000);
  CHECK(day.requests == 4);
  CHECK(day.spent_picodollars == 2800);
  CHECK(day.input_tokens == 10);
  CHECK(day.output_tokens == 20);
  CHECK(rig->teacher_days(0, 18999).empty());
  REQUIRE(rig->teacher_days(19000, 19000).size() == 1);
  CHECK(rig->teacher_days(0, UINT32_MAX)[0].teacher == "t0");
  rig.close();
}

TEST_CASE("requests of before the vendor's midnight are told apart, also after a restart, and never too many of them",
          "[store]") {
  Rig rig;
  rig.open();
  const uint64_t job = rig.job(4);
  rig.must(BeginVendorDay{"t0", 19000, 0});  // of a day without requests there is nothing to note
  CHECK(rig->teacher_days(19000, 19000).empty());
  for (uint64_t ordinal = 0; ordinal < 3; ++ordinal) rig.must(rig.settle(rig.asked(job, ordinal)));
  rig.must(BeginVendorDay{"t0", 19000, 1});
  rig.must(rig.settle(rig.asked(job, 3)));
  rig.close();
  rig.open();
  CHECK(rig->teacher_day("t0", 19000).requests == 4);
  CHECK(rig->teacher_day("t0", 19000).requests_before == 2);
  CHECK(rig->teacher_day("t0", 19000).last_request_us > 0);
  rig.must(BeginVendorDay{"t0", 19000, 9});  // others of its account sent more than it ever did
  CHECK(rig->teacher_day("t0", 19000).requests_before == 0);
  rig.close();
}

TEST_CASE("a directory that takes no writes is said to be so, not that its disk fails", "[store]") {
  Options options;
  options.path = "/data/store";
  const Directory directory(options, rocksdb::Env::Default());
  for (const char* why : {"Permission denied", "Read-only file system"}) {
    const rocksdb::Status denied = rocksdb::Status::IOError("While renaming a file to /data/store/LOG", why);
    const absl::Status said = directory.explain(to_status(denied));
    CHECK(said.message() == "the store in /data/store is not writable: " + std::string(why));
  }
}

TEST_CASE("what cannot be opened says which path and why", "[store]") {
  Rig rig;
  rig.options.path = (rig.directory() / "no" / "such" / "parent").string();
  absl::Status status = rig.try_open();
  CHECK(status.code() == absl::StatusCode::kNotFound);
  CHECK_THAT(std::string(status.message()), Catch::Contains(rig.options.path));
  rig.options.path = "/proc/harvest-store";
  status = rig.try_open();
  CHECK_FALSE(status.ok());
  CHECK_THAT(std::string(status.message()), Catch::Contains("/proc/harvest-store"));
  rig.options.path = "/dev/null";
  CHECK(rig.try_open().code() == absl::StatusCode::kFailedPrecondition);
}

}  // namespace harvest::store::test
