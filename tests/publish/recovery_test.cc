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
  REQUIRE(publisher.recover(kNow).ok());
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
  REQUIRE(fixture.publisher().recover(kNow).ok());
  check_same(files_below(fixture.datasets()), expected);
}

TEST_CASE("recovery leaves the open range open", "[publish][crash]") {
  Harvested fixture;
  fixture.crash();
  Publisher publisher = fixture.publisher();
  REQUIRE(publisher.recover(kNow + kSecond).ok());
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
