#include "service/publish/publisher.h"

#include <catch2/catch.hpp>

#include "storage/corpus/manifest.h"
#include "tests/publish/publishing.h"

using namespace harvest;
using namespace harvest::publish;

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

TEST_CASE("a small range waits for more, up to twelve ages, and a command does not wait", "[publish]") {
  Ready fixture;
  PublisherOptions options = fixture.options();
  options.segment_age_us = 10 * kSecond;
  options.segment_bytes_min = 1000;
  Publisher publisher(fixture.store(), options);
  fixture.harvest({.count = 2});
  REQUIRE(publisher.tick(kNow + 10 * kSecond).ok());
  REQUIRE(publisher.tick(kNow + 119 * kSecond).ok());
  CHECK(fixture.store().segments("maths", 1).empty());
  SECTION("until it is as large as it should be") {
    fixture.harvest({.count = 1, .text = std::string(1000, 'x')});
    REQUIRE(publisher.tick(kNow + 119 * kSecond).ok());
    CHECK(fixture.store().segments("maths", 1).at(0).cause() == "age");
  }
  SECTION("until twelve ages have gone") {
    REQUIRE(publisher.tick(kNow + 120 * kSecond).ok());
    CHECK(fixture.store().segments("maths", 1).at(0).cause() == "age");
  }
  SECTION("until somebody asks") {
    REQUIRE(publisher.publish("maths", {}, kNow + 20 * kSecond).ok());
    CHECK(fixture.store().segments("maths", 1).at(0).cause() == "command");
  }
  CHECK(version_of(publisher.status("maths")) == 1);
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
