#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>

#include "rig.h"
#include "rocksdb/db.h"
#include "storage/store/database.h"
#include "storage/store/directory.h"

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
