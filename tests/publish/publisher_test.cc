#include "service/publish/publisher.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "storage/corpus/manifest.h"
#include "storage/corpus/verify.h"
#include "tests/publish/store_fixture.h"

using namespace harvest;
using namespace harvest::publish;

namespace {

/// Publishes with plain shards, so that a case can read them.
v1::View plain() {
  v1::View view;
  view.set_format("jsonl");
  return view;
}

corpus::VerifyReport verified(const v1::DatasetStatus& status) {
  corpus::VerifyReport report = corpus::verify_directory(status.directory());
  for (const corpus::Problem& problem : report.problems) UNSCOPED_INFO(problem.text());
  CHECK(report.ok());
  return report;
}

bool says(const absl::Status& status, std::string_view words) {
  INFO(status);
  return std::string(status.message()).find(words) != std::string::npos;
}

struct Ready : StoreFixture {
  Ready() {
    put(teacher("qwen"));
    put(teacher("llama"));
  }
};

}  // namespace

TEST_CASE("a command publishes what has arrived and a second one only what is new", "[publish]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 5});
  const auto first = publisher.publish("maths", {}, kNow);
  REQUIRE(first.ok());
  CHECK(version_of(first) == 1);
  CHECK(view_in(*first).rows() == 5);
  CHECK(view_in(*first).shards() == 1);
  CHECK(first->open_pairs() == 0);
  const corpus::VerifyReport report = verified(*first);
  CHECK(report.rows == 5);
  CHECK(report.manifest_sha256 == view_in(*first).manifest_sha256());
  CHECK(report.manifest.created_at() == "2026-11-22T00:00:00.000000Z");
  CHECK(report.manifest.format() == "jsonl.gz");

  const auto same = publisher.publish("maths", {}, kNow + kSecond);
  REQUIRE(same.ok());
  CHECK(version_of(same) == 1);
  CHECK(view_in(*same).manifest_sha256() == view_in(*first).manifest_sha256());

  fixture.harvest({.count = 2});
  CHECK(publisher.status("maths")->open_pairs() == 2);
  const auto second = publisher.publish("maths", {}, kNow + 2 * kSecond);
  REQUIRE(second.ok());
  const corpus::VerifyReport grown = verified(*second);
  CHECK(grown.manifest.version() == 2);
  CHECK(grown.manifest.parent_sha256() == view_in(*first).manifest_sha256());
  CHECK(grown.rows == 7);
  // Growth only adds files.
  CHECK(grown.manifest.shards(0).path() == report.manifest.shards(0).path());
  CHECK(corpus::slurp(publisher.files("maths", kDefaultView).manifest(1)) !=
        corpus::slurp(publisher.files("maths", kDefaultView).manifest(2)));
  CHECK(corpus::slurp(publisher.files("maths", kDefaultView).urls()) ==
        "shards/" + grown.manifest.shards(0).path() + "\nshards/" + grown.manifest.shards(1).path() + "\n");
}

TEST_CASE("a line joins prompt and answer and rights", "[publish]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  const auto ids = fixture.harvest({.count = 2});
  const auto status = publisher.publish("maths", plain(), kNow);
  REQUIRE(status.ok());
  const corpus::VerifyReport report = verified(*status);
  const std::string lines =
      corpus::slurp(publisher.files("maths", kDefaultView).shard(report.manifest.shards(0).path()));
  for (const std::string& part :
       {"\"record_id\":\"" + ids[0] + '"', std::string(R"("role":"system","content":"Be brief.")"),
        std::string(R"("role":"user","content":"question 0")"), std::string(R"("role":"assistant","content":"four 0")"),
        std::string(R"("custom_id":"line-0")"), std::string(R"("finish_reason":"stop")"),
        std::string(R"("licence_id":"Apache-2.0")"), std::string(R"("purposes":"training")"),
        std::string(R"("prompt_licence_id":"CC-BY-4.0")"), std::string(R"("prompt_id":"j_1000000/0")"),
        std::string(R"("temperature\":0.5)"), std::string(R"("rights_version":1,"self_attested":true)")}) {
    INFO(part << "\n" << lines);
    CHECK(lines.find(part) != std::string::npos);
  }
  const v1::Shard& shard = report.manifest.shards(0);
  CHECK(shard.first_id() == ids[0]);
  CHECK(shard.last_id() == ids[1]);
  CHECK(shard.purposes(0) == "training");
  CHECK(shard.obligations(0) == "name-prefix:qwen");
  CHECK(shard.self_attested());
}

TEST_CASE("what is shown of a pair is what is shipped", "[publish]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 3});
  const auto status = publisher.publish("maths", plain(), kNow);
  REQUIRE(status.ok());
  std::string shown;
  RecordRenderer renderer(fixture.store());
  for (const auto& pair : fixture.store().pairs("maths", 0, 10)) {
    REQUIRE(renderer.append(pair, shown).value());
    shown += '\n';
  }
  CHECK(corpus::slurp(publisher.files("maths", kDefaultView).shard(verified(*status).manifest.shards(0).path())) ==
        shown);
}

TEST_CASE("a shard holds one teacher and one prompt source in arrival order", "[publish]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.teacher = "qwen", .source = "sums", .count = 2});
  fixture.harvest({.teacher = "llama", .source = "sums", .count = 1});
  fixture.harvest({.teacher = "qwen", .source = "proofs", .count = 1});
  fixture.harvest({.teacher = "qwen", .source = "sums", .count = 3});
  const auto status = publisher.publish("maths", {}, kNow);
  REQUIRE(status.ok());
  const corpus::VerifyReport report = verified(*status);
  REQUIRE(report.manifest.shards_size() == 3);
  CHECK(report.manifest.shards(0).teachers(0) == "qwen");
  CHECK(report.manifest.shards(0).prompt_sources(0) == "sums");
  CHECK(report.manifest.shards(0).rows() == 5);
  CHECK(report.manifest.shards(1).teachers(0) == "llama");
  CHECK(report.manifest.shards(2).prompt_sources(0) == "proofs");
}

TEST_CASE("rights that changed in between part the shards", "[publish]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 2});
  v1::Teacher changed = fixture.teacher("qwen");
  changed.mutable_rights()->add_obligations("attribution");
  fixture.put(changed);
  fixture.harvest({.count = 1});
  const auto status = publisher.publish("maths", {}, kNow);
  REQUIRE(status.ok());
  const corpus::VerifyReport report = verified(*status);
  REQUIRE(report.manifest.shards_size() == 2);
  CHECK(report.manifest.shards(0).obligations_size() == 1);
  CHECK(report.manifest.shards(1).obligations_size() == 2);
}

TEST_CASE("a group that outgrows a shard is cut in several", "[publish]") {
  Ready fixture;
  fixture.harvest({.count = 20});
  PublisherOptions options = fixture.options();
  SECTION("by the bound of a shard") {
    options.bounds.shard_raw_bytes = 8000;
  }
  SECTION("by the bound of memory") {
    options.bounds.buffered_bytes = 8000;
  }
  Publisher publisher(fixture.store(), options);
  const auto status = publisher.publish("maths", {}, kNow);
  REQUIRE(status.ok());
  const corpus::VerifyReport report = verified(*status);
  CHECK(report.manifest.shards_size() > 2);
  CHECK(report.rows == 20);
  for (const v1::Shard& shard : report.manifest.shards()) CHECK(shard.raw_bytes() <= 8000);
}

TEST_CASE("pairs whose rights do not permit it today stay and are counted", "[publish]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.teacher = "qwen", .count = 3});
  fixture.harvest({.teacher = "llama", .count = 2});
  v1::Teacher expired = fixture.teacher("qwen");
  expired.mutable_rights()->set_expires_on("2026-11-21");
  SECTION("some of them") {
    fixture.put(expired);
    const auto status = publisher.publish("maths", {}, kNow);
    REQUIRE(status.ok());
    const corpus::VerifyReport report = verified(*status);
    CHECK(report.rows == 2);
    CHECK(report.manifest.dropped().at("rights_expired") == 3);
    fixture.harvest({.teacher = "qwen", .count = 1});
    CHECK(verified(publisher.publish("maths", {}, kNow).value()).manifest.dropped().at("rights_expired") == 4);
  }
  SECTION("all of them") {
    v1::Teacher narrowed = fixture.teacher("llama");
    narrowed.mutable_rights()->set_permits(0, v1::EVALUATION);
    fixture.put(expired);
    fixture.put(narrowed);
    const auto status = publisher.publish("maths", {}, kNow);
    REQUIRE(status.ok());
    CHECK(version_of(status) == 1);
    const corpus::VerifyReport report = verified(*status);
    CHECK(report.rows == 0);
    CHECK(report.manifest.dropped().at("rights_expired") == 3);
    CHECK(report.manifest.dropped().at("purpose_not_permitted") == 2);
  }
}

TEST_CASE("a tick closes by size and by age and not before", "[publish]") {
  Ready fixture;
  PublisherOptions options = fixture.options();
  options.segment_bytes = 1000;
  options.segment_age_us = 10 * kSecond;
  Publisher publisher(fixture.store(), options);
  fixture.harvest({.count = 2});
  REQUIRE(publisher.tick(kNow + 9 * kSecond).ok());
  CHECK(version_of(publisher.status("maths")) == 0);
  SECTION("by age") {
    REQUIRE(publisher.tick(kNow + 10 * kSecond).ok());
    CHECK(fixture.store().segments("maths", 1).at(0).cause() == "age");
  }
  SECTION("by size") {
    fixture.harvest({.count = 1, .text = std::string(1000, 'x')});
    REQUIRE(publisher.tick(kNow + kSecond).ok());
    CHECK(fixture.store().segments("maths", 1).at(0).cause() == "size");
  }
  const auto status = publisher.status("maths");
  REQUIRE(status.ok());
  CHECK(version_of(status) == 1);
  verified(*status);
}

TEST_CASE("a filter keeps rows out, is counted, and holds for every later version", "[publish][where]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.teacher = "qwen", .count = 3});
  fixture.harvest({.teacher = "llama", .count = 2});
  v1::View view = plain();
  view.set_where("teacher_id = 'llama' and not refused");
  const auto first = publisher.publish("maths", view, kNow);
  REQUIRE(first.ok());
  CHECK(view_in(*first).rows() == 2);
  const v1::Manifest manifest = verified(*first).manifest;
  CHECK(manifest.where() == view.where());
  CHECK(manifest.dropped().at("where") == 3);
  CHECK(manifest.shards(0).teachers(0) == "llama");

  fixture.harvest({.teacher = "qwen", .count = 4});
  fixture.harvest({.teacher = "llama", .count = 1});
  const auto second = publisher.publish("maths", {}, kNow + kSecond);
  REQUIRE(second.ok());
  CHECK(view_in(*second).rows() == 3);
  CHECK(verified(*second).manifest.dropped().at("where") == 7);
}

TEST_CASE("a filter that nothing passes publishes nothing and fixes nothing", "[publish][where]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 3});
  v1::View view = plain();
  view.set_where("teacher_id = 'nobody'");
  const absl::Status refused = publisher.publish("maths", view, kNow).status();
  CHECK(refused.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(says(refused, "no pair passes the filter teacher_id = 'nobody'"));
  REQUIRE(publisher.tick(kNow + kSecond).ok());
  REQUIRE(publisher.recover().ok());
  CHECK(version_of(publisher.status("maths")) == 0);
  CHECK(publisher.status("maths")->open_pairs() == 3);
  const auto all = publisher.publish("maths", {}, kNow);
  REQUIRE(all.ok());
  CHECK(view_in(*all).rows() == 3);
}

TEST_CASE("a first version that a crash interrupts comes with the filter and format that were asked for",
          "[publish][where][crash]") {
  Ready fixture;
  fixture.harvest({.teacher = "qwen", .count = 3});
  fixture.harvest({.teacher = "llama", .count = 2});
  v1::View view;
  view.set_name("default");
  view.set_format("jsonl.zst");
  view.set_where("teacher_id = 'llama'");
  fixture.add_view(view);
  fixture.close();
  if (GENERATE(false, true)) REQUIRE(fixture.writer().cut(kNow).ok());
  Publisher publisher = fixture.publisher();
  REQUIRE(publisher.recover().ok());
  REQUIRE(publisher.tick(kNow).ok());
  const corpus::VerifyReport report = verified(publisher.status("maths").value());
  CHECK(report.manifest.version() == 1);
  CHECK(report.rows == 2);
  CHECK(report.manifest.where() == view.where());
  CHECK(report.manifest.format() == "jsonl.zst");
  view.set_where("teacher_id = 'qwen'");
  CHECK(says(publisher.publish("maths", view, kNow).status(), "first published with the filter teacher_id = 'llama'"));
}

TEST_CASE("by command only means that ticks close nothing", "[publish]") {
  Ready fixture;
  PublisherOptions options = fixture.options();
  options.by_command_only = true;
  options.segment_bytes = 1;
  Publisher publisher(fixture.store(), options);
  fixture.harvest({.count = 2});
  REQUIRE(publisher.tick(kNow + 1000 * kSecond).ok());
  CHECK(version_of(publisher.status("maths")) == 0);
}

TEST_CASE("what cannot be published is refused and changes nothing", "[publish]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  CHECK(publisher.publish("maths", {}, kNow).status().code() == absl::StatusCode::kNotFound);
  CHECK(publisher.publish("../maths", {}, kNow).status().code() == absl::StatusCode::kInvalidArgument);
  fixture.harvest({.count = 1});
  const auto refused = [&](auto change, absl::StatusCode code, const char* words) {
    v1::View view;
    change(view);
    const absl::Status status = publisher.publish("maths", view, kNow).status();
    CHECK(status.code() == code);
    CHECK(says(status, words));
  };
  const auto invalid = absl::StatusCode::kInvalidArgument;
  refused([](v1::View& view) { view.set_format("arrow"); }, invalid, "format: found \"arrow\", expected jsonl.gz");
  refused([](v1::View& view) { view.set_where("lang is 'de'"); }, invalid,
          "where: character 6: found \"is\", expected a comparison");
  refused([](v1::View& view) { view.set_profile("hf"); }, invalid, "profile: found \"hf\", expected none");
  refused(
      [](v1::View& view) {
        view.set_profile("nemo");
        view.set_format("jsonl.gz");
      },
      invalid, "nemo opens plain files only");
  refused([](v1::View& view) { view.set_name("../german"); }, invalid, "view: found '../german', expected");
  CHECK(publisher.status("maths")->open_pairs() == 1);
  REQUIRE(publisher.publish("maths", plain(), kNow).ok());
  CHECK(publisher.status("maths")->views_size() == 1);  // what was refused added none
  const auto fixed = absl::StatusCode::kFailedPrecondition;
  refused([](v1::View& view) { view.set_format("jsonl.gz"); }, fixed,
          "first published with the format jsonl, which fixed it: it cannot be published with jsonl.gz");
  refused([](v1::View& view) { view.set_where("refused"); }, fixed, "first published without a filter");
  CHECK(publisher.publish("maths", {}, kNow).ok());
}

TEST_CASE("one dataset's failure does not keep the others from being published", "[publish]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.dataset = "blocked"});
  fixture.harvest({.dataset = "free"});
  std::filesystem::create_directories(fixture.datasets());
  corpus::spill(fixture.datasets() + "/blocked", "a file where a directory belongs");
  const absl::Status status = publisher.tick(kNow + 1000 * kSecond);
  CHECK(says(status, "dataset blocked"));
  CHECK(version_of(publisher.status("free")) == 1);
  std::filesystem::remove(fixture.datasets() + "/blocked");
  CHECK(publisher.tick(kNow + 1001 * kSecond).ok());
  verified(publisher.status("blocked").value());
}

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
  const corpus::VerifyReport report = corpus::verify_directory(place.directory(), "views/llama-only/manifest.json");
  for (const corpus::Problem& problem : report.problems) UNSCOPED_INFO(problem.text());
  CHECK(report.ok());
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
  const corpus::VerifyReport report = corpus::verify_directory(place.directory(), "views/for-nemo/manifest.json");
  for (const corpus::Problem& problem : report.problems) UNSCOPED_INFO(problem.text());
  CHECK(report.ok());
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
    const corpus::VerifyReport report = corpus::verify_directory(status.directory(), "views/three/manifest.json");
    for (const corpus::Problem& problem : report.problems) UNSCOPED_INFO(problem.text());
    CHECK(report.ok());
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
