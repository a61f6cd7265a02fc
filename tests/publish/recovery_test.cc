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
  v1::View view() { return store().dataset("maths")->view(); }
  std::vector<SegmentCutter::Cut> cut(Publisher& publisher) { return publisher.cut("maths", view(), kNow).value(); }
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
      REQUIRE(publisher.close("maths", "command", fixture.view(), kNow).ok());
    }
    SECTION("cut") {
      REQUIRE(publisher.close("maths", "command", fixture.view(), kNow).ok());
      fixture.cut(publisher);
    }
    SECTION("cut in part") {
      REQUIRE(publisher.close("maths", "command", fixture.view(), kNow).ok());
      const auto cuts = fixture.cut(publisher);
      std::filesystem::remove(publisher.files("maths").shard(cuts.at(0).segment.shards(0).path()));
      corpus::spill(fixture.place() + "/shards/.writing-maths-000002-00", "half");
    }
    SECTION("committed") {
      REQUIRE(publisher.close("maths", "command", fixture.view(), kNow).ok());
      REQUIRE(publisher.commit("maths", fixture.cut(publisher), fixture.view(), kNow).ok());
    }
    SECTION("listed in part") {
      REQUIRE(publisher.close("maths", "command", fixture.view(), kNow).ok());
      REQUIRE(publisher.commit("maths", fixture.cut(publisher), fixture.view(), kNow).ok());
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
  CHECK(publisher.status("maths")->record().version() == 2);
}

TEST_CASE("until the new manifest stands the old one does and verifies", "[publish][crash]") {
  Harvested fixture;
  Publisher publisher = fixture.publisher();
  REQUIRE(publisher.close("maths", "command", fixture.view(), kNow).ok());
  auto cuts = fixture.cut(publisher);
  CHECK(corpus::verify_directory(fixture.place()).manifest.version() == 1);
  CHECK(corpus::verify_directory(fixture.place()).ok());
  REQUIRE(publisher.commit("maths", std::move(cuts), fixture.view(), kNow).ok());
  CHECK(corpus::verify_directory(fixture.place()).manifest.version() == 1);
  REQUIRE(publisher.list("maths").ok());
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
  CHECK(publisher.status("maths")->record().version() == 1);
  CHECK(publisher.status("maths")->open_pairs() == 7);
}

TEST_CASE("cutting a range twice gives the same shards", "[publish]") {
  Harvested fixture;
  Publisher publisher = fixture.publisher();
  REQUIRE(publisher.close("maths", "command", fixture.view(), kNow).ok());
  const auto once = fixture.cut(publisher), again = fixture.cut(publisher);
  REQUIRE(once.size() == 1);
  CHECK(once[0].segment.SerializeAsString() == again[0].segment.SerializeAsString());
  CHECK(once[0].segment.shards_size() == 2);
}
