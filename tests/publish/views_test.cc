// Several views of one dataset: formats, filters, profiles, snapshots.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "service/publish/publisher.h"
#include "tests/publish/publishing.h"

using namespace harvest;
using namespace harvest::publish;

TEST_CASE("views of one dataset have formats, filters and versions of their own", "[publish][views]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.teacher = "qwen", .count = 3});
  fixture.harvest({.teacher = "llama", .count = 2});
  REQUIRE(publisher.publish("maths", {}, kNow).ok());
  fixture.harvest({.teacher = "llama", .count = 1});
  REQUIRE(publisher.publish("maths", {}, kNow).ok());

  v1::View only = plain();
  only.set_name("llama-only");
  only.set_where("teacher_id = 'llama'");
  const auto late = publisher.publish("maths", only, kNow + kSecond);
  REQUIRE(late.ok());
  // It begins with the first pair, and moves no other view.
  CHECK(version_of(late) == 2);
  CHECK(version_of(late, "llama-only") == 1);
  CHECK(view_in(*late).rows() == 6);
  CHECK(view_in(*late, "llama-only").rows() == 3);
  const ViewFiles place = publisher.files("maths", "llama-only");
  const corpus::VerifyReport report = verified(*late, "llama-only");
  CHECK(report.manifest.view() == "llama-only");
  CHECK(report.manifest.shards(0).path().starts_with("maths-llama-only-000001-00-"));
  CHECK(corpus::slurp(place.urls()).starts_with("../../shards/maths-llama-only-000001-00-"));
  verified(*late);

  // A tick keeps both up.
  fixture.harvest({.teacher = "llama", .count = 4});
  REQUIRE(publisher.tick(kNow + 1000 * kSecond).ok());
  const auto grown = publisher.status("maths");
  CHECK(view_in(*grown).rows() == 10);
  CHECK(view_in(*grown, "llama-only").rows() == 7);
  CHECK(version_of(grown, "llama-only") == 2);
}

TEST_CASE("a dataset whose only view was asked for by name gets no other by itself", "[publish][views]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 2});
  v1::View mine = plain();
  mine.set_name("mine");
  REQUIRE(publisher.publish("maths", mine, kNow).ok());
  fixture.harvest({.count = 1});
  REQUIRE(publisher.tick(kNow + 1000 * kSecond).ok());
  const auto status = publisher.status("maths");
  REQUIRE(status->views_size() == 1);
  CHECK(view_in(*status, "mine").rows() == 3);
}

TEST_CASE("one view's failure does not keep the others from being published", "[publish][views]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 2});
  REQUIRE(publisher.publish("maths", {}, kNow).ok());
  v1::View unknown = plain();
  unknown.set_name("unknown");
  unknown.set_format("of a later version");
  fixture.add_view(unknown);
  v1::View last = plain();
  last.set_name("last");
  fixture.add_view(last);
  const absl::Status status = publisher.tick(kNow);
  CHECK(says(status, "of a later version"));
  CHECK(version_of(publisher.status("maths"), "last") == 1);
  CHECK(version_of(publisher.status("maths"), "unknown") == 0);
}

TEST_CASE("a dataset has no more views than it may", "[publish][views]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 1});
  v1::View view = plain();
  for (int i = 0; i < kViewsMax; ++i) {
    view.set_name("v" + std::to_string(i));
    fixture.add_view(view);
  }
  view.set_name("one-more");
  CHECK(says(publisher.publish("maths", view, kNow).status(), "has 64 views, and may have no more"));
}

TEST_CASE("a view in a trainer's profile holds its rows and verifies", "[publish][views][profile]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  const auto ids = fixture.harvest({.count = 3});
  v1::View view;
  view.set_name("for-nemo");
  view.set_profile("nemo");
  view.set_where("completion_tokens >= 0");
  const auto status = publisher.publish("maths", view, kNow);
  REQUIRE(status.ok());
  CHECK(view_in(*status, "for-nemo").record().view().format() == "jsonl");
  const ViewFiles place = publisher.files("maths", "for-nemo");
  const corpus::VerifyReport report = verified(*status, "for-nemo");
  CHECK(report.manifest.profile() == "nemo");
  CHECK(report.manifest.shards(0).last_id() == ids[2]);
  const std::string lines = corpus::slurp(place.shard(report.manifest.shards(0).path()));
  CHECK(lines.starts_with("{\"record_id\":\"" + ids[0] +
                          "\",\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\""));
  CHECK(lines.find("\"content\":\"four 2\"") != std::string::npos);
  view.set_profile("trl");
  CHECK(says(publisher.publish("maths", view, kNow).status(), "first published with the profile nemo"));
}

TEST_CASE("a snapshot holds all rows in as many shards, equal to a row, in an order of its own",
          "[publish][snapshot]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  v1::Teacher narrow = fixture.teacher("llama");
  narrow.mutable_rights()->add_permits(v1::EVALUATION);
  narrow.mutable_rights()->add_obligations("attribution");
  fixture.put(narrow);
  const auto first = fixture.harvest({.teacher = "qwen", .count = 7});
  const auto second = fixture.harvest({.teacher = "llama", .source = "proofs", .count = 4});
  v1::View view = plain();
  view.set_name("three");
  view.set_shards(3);
  const auto read = [&](const v1::DatasetStatus& status) {
    const corpus::VerifyReport report = verified(status, "three");
    std::vector<std::string> ids;
    for (const v1::Shard& shard : report.manifest.shards()) {
      const std::string lines = corpus::slurp(status.directory() + "/shards/" + shard.path());
      for (size_t at = 0; (at = lines.find("{\"record_id\":\"", at)) != std::string::npos; ++at)
        ids.push_back(lines.substr(at + 14, 28));
    }
    return std::pair(report.manifest, ids);
  };
  const auto status = publisher.publish("maths", view, kNow);
  REQUIRE(status.ok());
  const auto [manifest, ids] = read(*status);
  REQUIRE(manifest.shards_size() == 3);
  CHECK(manifest.kind() == "snapshot");
  CHECK(manifest.rows() == 11);
  for (const v1::Shard& shard : manifest.shards()) CHECK((shard.rows() == 3 || shard.rows() == 4));
  const std::set<std::string> all(ids.begin(), ids.end());
  CHECK(all.size() == 11);
  for (const std::string& id : first) CHECK(all.contains(id));
  for (const std::string& id : second) CHECK(all.contains(id));
  CHECK_FALSE(std::is_sorted(ids.begin(), ids.end()));
  // What holds for every row of a shard of both teachers.
  for (const v1::Shard& shard : manifest.shards()) {
    if (shard.teachers_size() < 2) continue;
    CHECK(shard.purposes_size() == 1);
    CHECK(shard.obligations_size() == 3);
    CHECK(shard.prompt_sources_size() == 2);
  }

  // Growth moves no row past another, and a tick makes no new one.
  const auto third = fixture.harvest({.count = 5});
  REQUIRE(publisher.tick(kNow + 1000 * kSecond).ok());
  CHECK(version_of(publisher.status("maths"), "three") == 1);
  const auto grown_status = publisher.publish("maths", view, kNow + 1001 * kSecond);
  REQUIRE(grown_status.ok());
  const auto [grown, grown_ids] = read(*grown_status);
  CHECK(grown.version() == 2);
  CHECK(grown.rows() == 16);
  CHECK(grown.shards_size() == 3);
  std::vector<std::string> of_before;
  for (const std::string& id : grown_ids)
    if (all.contains(id)) of_before.push_back(id);
  CHECK(of_before == ids);
  // With nothing new the version stays.
  CHECK(version_of(publisher.publish("maths", view, kNow + 1002 * kSecond), "three") == 2);
}

TEST_CASE("a snapshot that cannot be made is refused and its view can be tried again", "[publish][snapshot]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 2});
  v1::View view = plain();
  view.set_name("many");
  view.set_shards(kShardsMax + 1);
  CHECK(says(publisher.publish("maths", view, kNow).status(), "shards: found 65537, expected at most 65536"));
  view.set_shards(3);
  CHECK(says(publisher.publish("maths", view, kNow).status(), "shards: found 3 for 2 rows"));
  CHECK(publisher.tick(kNow).ok());
  // Nothing was fixed.
  view.set_shards(2);
  CHECK(view_in(publisher.publish("maths", view, kNow).value(), "many").rows() == 2);
  view.set_shards(3);
  CHECK(says(publisher.publish("maths", view, kNow).status(), "first published with the number of shards 2"));
}

TEST_CASE("a snapshot's listing that was lost is written again without cutting", "[publish][snapshot][crash]") {
  Ready fixture;
  fixture.harvest({.count = 4});
  v1::View view = plain();
  view.set_name("two");
  view.set_shards(2);
  REQUIRE(fixture.publisher().publish("maths", view, kNow).ok());
  const ViewFiles place = fixture.publisher().files("maths", "two");
  const std::string listing = corpus::slurp(place.manifest());
  std::filesystem::remove(place.manifest());
  std::filesystem::remove(place.manifest(1));
  fixture.harvest({.count = 1});
  fixture.crash();
  Publisher publisher = fixture.publisher();
  REQUIRE(publisher.recover().ok());
  CHECK(corpus::slurp(place.manifest()) == listing);
  CHECK(corpus::slurp(place.manifest(1)) == listing);
  CHECK(version_of(publisher.status("maths"), "two") == 1);
}
