// Method: the way out is walked to a step, the publisher is dropped and the store opened again as after a crash,
// recovery runs, and what stands must be byte for byte what an undisturbed run makes.
#include <catch2/catch.hpp>
#include <map>

#include "storage/corpus/verify.h"
#include "tests/publish/store_fixture.h"

using namespace harvest;
using namespace harvest::publish;

namespace {

using Files = std::map<std::string, std::string>;

Files files_below(const std::string& directory) {
  Files files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    if (entry.is_regular_file())
      files[std::filesystem::relative(entry.path(), directory).string()] = corpus::slurp(entry.path());
  return files;
}

/// Two versions' worth of pairs; the first is published before anything is disturbed.
struct Harvested : StoreFixture {
  Harvested() {
    put(teacher("qwen"));
    put(teacher("llama"));
    harvest({.count = 6});
    REQUIRE(publisher().publish("maths", {}, kNow).ok());
    harvest({.teacher = "llama", .count = 3});
    harvest({.count = 4});
  }
  std::vector<v1::Cut> cut() { return writer().cut(kNow).value(); }
  std::string place() const { return datasets() + "/maths"; }
};

Files undisturbed() {
  Harvested fixture;
  REQUIRE(fixture.publisher().publish("maths", {}, kNow).ok());
  return files_below(fixture.datasets());
}

void check_same(const Files& found, const Files& expected) {
  for (const auto& [name, bytes] : expected) {
    INFO(name);
    REQUIRE(found.count(name) == 1);
    CHECK(found.at(name) == bytes);
  }
  CHECK(found.size() == expected.size());
}

}  // namespace

TEST_CASE("a crash after any step of publishing ends in the same files", "[publish][crash]") {
  const Files expected = undisturbed();
  Harvested fixture;
  {
    Publisher publisher = fixture.publisher();
    SECTION("closed") {
      fixture.close();
    }
    SECTION("cut") {
      fixture.close();
      fixture.cut();
    }
    SECTION("cut in part") {
      fixture.close();
      const auto cuts = fixture.cut();
      std::filesystem::remove(publisher.files("maths", kDefaultView).shard(cuts.at(0).shards(0).path()));
      corpus::spill(fixture.place() + "/shards/.writing-maths-000002-00", "half");
    }
    SECTION("committed") {
      fixture.close();
      REQUIRE(fixture.writer().commit(fixture.cut(), kNow).ok());
    }
    SECTION("listed in part") {
      fixture.close();
      REQUIRE(fixture.writer().commit(fixture.cut(), kNow).ok());
      corpus::spill(fixture.place() + "/views/default/manifest-2.json", "{\"half");
      corpus::spill(fixture.place() + "/.writing-manifest.json", "{\"half");
    }
    SECTION("all done") {
      REQUIRE(publisher.publish("maths", {}, kNow).ok());
    }
  }
  fixture.crash();
  Publisher publisher = fixture.publisher();
  REQUIRE(publisher.recover().ok());
  REQUIRE(publisher.tick(kNow).ok());
  check_same(files_below(fixture.datasets()), expected);
  CHECK(corpus::verify_directory(fixture.place()).ok());
  CHECK(version_of(publisher.status("maths")) == 2);
}

TEST_CASE("until the new manifest stands the old one does and verifies", "[publish][crash]") {
  Harvested fixture;
  fixture.close();
  const auto cuts = fixture.cut();
  CHECK(corpus::verify_directory(fixture.place()).manifest.version() == 1);
  CHECK(corpus::verify_directory(fixture.place()).ok());
  REQUIRE(fixture.writer().commit(cuts, kNow).ok());
  CHECK(corpus::verify_directory(fixture.place()).manifest.version() == 1);
  REQUIRE(fixture.writer().list().ok());
  CHECK(corpus::verify_directory(fixture.place()).manifest.version() == 2);
  CHECK(corpus::verify_directory(fixture.place()).ok());
}

TEST_CASE("lost listings are written again from the store", "[publish][crash]") {
  Harvested fixture;
  REQUIRE(fixture.publisher().publish("maths", {}, kNow).ok());
  const Files expected = files_below(fixture.datasets());
  for (const char* file :
       {"manifest.json", "urls.txt", "views/default/manifest-1.json", "views/default/manifest-2.json"})
    std::filesystem::remove(fixture.place() + '/' + file);
  fixture.crash();
  REQUIRE(fixture.publisher().recover().ok());
  check_same(files_below(fixture.datasets()), expected);
}

TEST_CASE("recovery leaves the open range open", "[publish][crash]") {
  Harvested fixture;
  fixture.crash();
  Publisher publisher = fixture.publisher();
  REQUIRE(publisher.recover().ok());
  CHECK(version_of(publisher.status("maths")) == 1);
  CHECK(publisher.status("maths")->open_pairs() == 7);
}

TEST_CASE("cutting a range twice gives the same shards", "[publish]") {
  Harvested fixture;
  fixture.close();
  const auto once = fixture.cut(), again = fixture.cut();
  REQUIRE(once.size() == 1);
  CHECK(once[0].SerializeAsString() == again[0].SerializeAsString());
  CHECK(once[0].shards_size() == 2);
}

TEST_CASE("a view that cannot be cut keeps neither a start nor the other views", "[publish][crash]") {
  Harvested fixture;
  v1::View unknown;
  unknown.set_name("unknown");
  unknown.set_format("of a later version");
  fixture.add_view(unknown);
  fixture.close();
  fixture.crash();
  Publisher publisher = fixture.publisher();
  CHECK(publisher.recover().ok());
  CHECK_FALSE(publisher.tick(kNow).ok());
  CHECK(version_of(publisher.status("maths")) == 2);
}

TEST_CASE("a view that has far to catch up keeps what it has when it fails on the way", "[publish][crash]") {
  Harvested fixture;
  for (int i = 0; i < 40; ++i) {
    fixture.harvest({.count = 1});
    fixture.close();
  }
  v1::View late;
  late.set_name("late");
  late.set_format("jsonl");
  fixture.add_view(late);
  REQUIRE(fixture.writer("late").commit(fixture.writer("late").cut(kNow).value(), kNow).ok());
  CHECK(version_of(fixture.publisher().status("maths"), "late") == 1);
  REQUIRE(fixture.publisher().tick(kNow).ok());
  const auto status = fixture.publisher().status("maths");
  CHECK(version_of(status, "late") == 3);  // 41 segments, 16 at a time
  CHECK(view_in(*status, "late").rows() == view_in(*status).rows());
}
