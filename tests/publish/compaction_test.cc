#include "service/publish/compaction.h"

#include <catch2/catch.hpp>
#include <map>
#include <optional>

#include "service/publish/view_compactor.h"
#include "storage/corpus/shard_reader.h"
#include "tests/publish/publishing.h"

using namespace harvest;
using namespace harvest::publish;

namespace {

struct Sketch {
  uint64_t segment;
  uint64_t raw_bytes;
  std::string group;
};

/// The plan as text: places of each shard of the new version.
std::string planned(const std::vector<Sketch>& shards, uint64_t raw_bytes_max) {
  v1::Manifest manifest;
  std::vector<std::string> groups;
  for (const Sketch& sketch : shards) {
    v1::Shard& shard = *manifest.add_shards();
    shard.set_segment(sketch.segment);
    shard.set_raw_bytes(sketch.raw_bytes);
    groups.push_back(sketch.group);
  }
  std::string plan;
  for (const Merge& merge : plan_compaction(manifest, groups, raw_bytes_max)) {
    if (!plan.empty()) plan += ' ';
    for (const int place : merge.places) plan += std::to_string(place);
  }
  return plan;
}

/// Every line of a version with the file's licence, teacher by teacher, as a reader of its shards sees them.
std::map<std::string, std::string> rows_by_teacher(const Publisher& publisher, const v1::Manifest& manifest) {
  std::map<std::string, std::string> rows;
  for (const v1::Shard& shard : manifest.shards()) {
    CHECK(shard.teachers_size() == 1);
    auto reader = corpus::ShardReader::open(publisher.files("maths", kDefaultView).shard(shard.path()));
    REQUIRE(reader.ok());
    while (reader->next().value()) rows[shard.teachers(0)].append(reader->line()).push_back('\n');
  }
  return rows;
}

/// Five versions of a few rows each, of two teachers.
struct Crumbs : Ready {
  v1::Manifest publish_crumbs(Publisher& publisher, const v1::View& view = {}) {
    for (int i = 0; i < 5; ++i) {
      harvest({.teacher = "qwen", .count = 2, .text = "version " + std::to_string(i)});
      if (i % 2 == 0) harvest({.teacher = "llama", .count = 3});
      REQUIRE(publisher.publish("maths", view, kNow + i * kSecond).ok());
    }
    return verified(*publisher.status("maths")).manifest;
  }
};

}  // namespace

TEST_CASE("neighbouring small segments are joined group by group, within the bound", "[publish][compact]") {
  CHECK(planned({}, 100).empty());
  CHECK(planned({{1, 10, "a"}}, 100) == "0");
  CHECK(planned({{1, 10, "a"}, {2, 10, "a"}, {3, 10, "a"}}, 100) == "012");
  CHECK(planned({{1, 10, "a"}, {1, 10, "b"}, {2, 10, "a"}, {3, 10, "b"}}, 100) == "02 13");
  // Large ones stay, and part what is around them.
  CHECK(planned({{1, 10, "a"}, {2, 60, "a"}, {3, 10, "a"}, {4, 10, "a"}}, 100) == "0 1 23");
  // No more than the bound together.
  CHECK(planned({{1, 40, "a"}, {2, 40, "a"}, {3, 40, "a"}, {4, 10, "a"}}, 100) == "01 23");
  // A segment that was parted by the bound of its shards stays parted.
  CHECK(planned({{1, 10, "a"}, {1, 10, "a"}}, 100) == "0 1");
}

TEST_CASE("a compacted view holds the same rows in the same order in fewer files", "[publish][compact]") {
  Crumbs fixture;
  Publisher publisher = fixture.publisher();
  v1::View view;
  SECTION("gzip") {
    view.set_format("jsonl.gz");
  }
  SECTION("zstd") {
    view.set_format("jsonl.zst");
  }
  SECTION("tar") {
    view.set_format("webdataset");
  }
  SECTION("a trainer's rows, without ids") {
    view.set_format("jsonl");
    view.set_profile("openai");
  }
  const v1::Manifest before = fixture.publish_crumbs(publisher, view);
  REQUIRE(before.shards_size() == 8);
  const auto compacted = publisher.compact("maths", "", kNow + 9 * kSecond);
  REQUIRE(compacted.ok());
  const v1::Manifest after = verified(*compacted).manifest;
  CHECK(after.shards_size() == 2);
  CHECK(after.kind() == "rewrite");
  CHECK(after.version() == before.version() + 1);
  CHECK(after.major() == 1);
  CHECK(after.parent_sha256() ==
        corpus::verify_directory(publisher.files("maths", kDefaultView).directory(), "views/default/manifest-5.json")
            .manifest_sha256);
  CHECK(after.rows() == before.rows());
  CHECK(after.dropped_size() == 0);
  CHECK(after.shards(0).first_id() == before.shards(0).first_id());
  CHECK(after.shards(0).obligations(0) == before.shards(0).obligations(0));
  CHECK(rows_by_teacher(publisher, after) == rows_by_teacher(publisher, before));
  // The version of before is as it was.
  CHECK(corpus::verify_directory(publisher.files("maths", kDefaultView).directory(), "views/default/manifest-5.json")
            .ok());
  // Nothing is left to merge.
  const auto again = publisher.compact("maths", kDefaultView, kNow + 10 * kSecond);
  REQUIRE(again.ok());
  CHECK(version_of(again) == after.version());
  // And it goes on growing.
  fixture.harvest({.count = 1});
  const auto grown = publisher.publish("maths", {}, kNow + 11 * kSecond);
  REQUIRE(grown.ok());
  const v1::Manifest next = verified(*grown).manifest;
  CHECK(next.kind() == "append");
  CHECK(next.major() == 1);
  CHECK(next.shards_size() == 3);
}

TEST_CASE("rights that changed in between stay apart when shards are merged", "[publish][compact]") {
  Crumbs fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 1});
  REQUIRE(publisher.publish("maths", {}, kNow).ok());
  v1::Teacher changed = fixture.teacher("qwen");
  changed.mutable_rights()->set_evidence("another page that says the same");
  fixture.put(changed);
  for (int i = 0; i < 2; ++i) {
    fixture.harvest({.count = 1});
    REQUIRE(publisher.publish("maths", {}, kNow).ok());
  }
  const auto compacted = publisher.compact("maths", "", kNow);
  REQUIRE(compacted.ok());
  const v1::Manifest manifest = verified(*compacted).manifest;
  REQUIRE(manifest.shards_size() == 2);
  CHECK(manifest.shards(0).rows() == 1);
  CHECK(manifest.shards(1).rows() == 2);
}

TEST_CASE("a crash after any step of compaction ends in the same files", "[publish][compact][crash]") {
  const auto steps = [](int stop_after) {
    Crumbs fixture;
    {
      Publisher publisher = fixture.publisher();
      fixture.publish_crumbs(publisher);
      ViewCompactor compactor(fixture.store(), fixture.options(), "maths", kDefaultView);
      absl::StatusOr<std::optional<ViewCompactor::Rewrite>> rewrite = std::nullopt;
      if (stop_after > 0) rewrite = compactor.merge(kNow + 9 * kSecond);
      REQUIRE(rewrite.ok());
      if (stop_after > 1) REQUIRE(compactor.commit(**rewrite).ok());
      // Until it is listed, the version of before stands whole.
      CHECK(corpus::verify_directory(fixture.datasets() + "/maths").ok());
      CHECK(corpus::verify_directory(fixture.datasets() + "/maths").manifest.version() == 5);
    }
    fixture.crash();
    Publisher publisher = fixture.publisher();
    REQUIRE(publisher.recover().ok());
    // Committed: recovery lists it. Not committed: nothing happened, and it can be asked for again.
    CHECK(version_of(publisher.status("maths")) == (stop_after > 1 ? 6 : 5));
    REQUIRE(publisher.compact("maths", "", kNow + 9 * kSecond).ok());
    const auto report = corpus::verify_directory(fixture.datasets() + "/maths");
    CHECK(report.ok());
    CHECK(report.manifest.version() == 6);
    return report.manifest_sha256;
  };
  const std::string undisturbed = steps(0);
  CHECK(steps(1) == undisturbed);
  CHECK(steps(2) == undisturbed);
}

TEST_CASE("what cannot be compacted is refused and changes nothing", "[publish][compact]") {
  Crumbs fixture;
  Publisher publisher = fixture.publisher();
  CHECK(publisher.compact("nope", "", kNow).status().code() == absl::StatusCode::kNotFound);
  const v1::Manifest before = fixture.publish_crumbs(publisher);
  CHECK(publisher.compact("maths", "none", kNow).status().code() == absl::StatusCode::kNotFound);
  v1::View snapshot = plain();
  snapshot.set_name("two");
  snapshot.set_shards(2);
  REQUIRE(publisher.publish("maths", snapshot, kNow).ok());
  CHECK(says(publisher.compact("maths", "two", kNow).status(), "is a snapshot"));

  // A shard that was damaged on disk replaces nothing.
  const std::string path = publisher.files("maths", kDefaultView).shard(before.shards(0).path());
  const std::string bytes = corpus::slurp(path);
  corpus::spill(path, bytes.substr(0, bytes.size() / 2));
  CHECK(publisher.compact("maths", "", kNow).status().code() == absl::StatusCode::kDataLoss);
  CHECK(version_of(publisher.status("maths")) == before.version());
  corpus::spill(path, bytes);
  CHECK(publisher.compact("maths", "", kNow).ok());
}
