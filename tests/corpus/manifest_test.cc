#include "storage/corpus/manifest.h"

#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>

#include "tests/corpus/dataset_fixture.h"

using namespace harvest;
using namespace harvest::corpus;

namespace {

v1::Manifest full_manifest() {
  v1::Manifest manifest;
  manifest.set_dataset("sums \"a\"");
  manifest.set_profile("trl");
  manifest.set_view("default");
  manifest.set_version(3);
  manifest.set_parent_sha256("ab");
  manifest.set_kind("append");
  manifest.set_format("jsonl.gz");
  manifest.set_schema_sha256("cd");
  manifest.set_created_at("2026-11-22T00:00:00.000000Z");
  manifest.set_rows(7);
  (*manifest.mutable_dropped())["rights_expired"] = 2;
  (*manifest.mutable_dropped())["purpose_not_permitted"] = 1;
  manifest.set_tenant("default");
  manifest.set_service_version("0.1.0");
  manifest.set_major(2);
  v1::Coverage* coverage = manifest.add_coverage();
  coverage->set_job_id("j_1");
  coverage->set_asked(12);
  coverage->set_answered(7);
  coverage->set_ended(1);
  coverage->set_waiting(4);
  coverage->set_watermark(9);
  v1::Shard* shard = manifest.add_shards();
  shard->set_path("sums-000001-00-0123456789ab.jsonl.gz");
  shard->set_bytes(10);
  shard->set_sha256("ef");
  shard->set_raw_bytes(20);
  shard->set_raw_sha256("01");
  shard->set_rows(7);
  shard->set_first_id("r_1");
  shard->set_last_id("r_7");
  shard->add_teachers("qwen");
  shard->add_licences("Apache-2.0");
  shard->add_purposes("training");
  shard->add_obligations("name-prefix:Qwen");
  shard->add_prompt_sources("sums");
  shard->set_segment(1);
  shard->set_self_attested(true);
  return manifest;
}

bool refuses(const std::string& json, const std::string& words) {
  const absl::Status status = parse_manifest(json).status();
  INFO(status);
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  return std::string(status.message()).find(words) != std::string::npos;
}

std::string with(std::string json, std::string_view from, std::string_view to) {
  const size_t at = json.find(from);
  REQUIRE(at != std::string::npos);
  return json.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a manifest is canonical JSON with every field", "[corpus]") {
  CHECK(manifest_json(full_manifest()) ==
        R"({"coverage":[{"answered":7,"asked":12,"ended":1,"job_id":"j_1","stratum":"","waiting":4,"watermark":9}],)"
        R"("created_at":"2026-11-22T00:00:00.000000Z","dataset":"sums \"a\"",)"
        R"("dropped":{"purpose_not_permitted":1,"rights_expired":2},"format":"jsonl.gz","kind":"append",)"
        R"("major":2,"parent_sha256":"ab","profile":"trl","rows":7,"schema_sha256":"cd","service_version":"0.1.0",)"
        R"("shards":[{"bytes":10,"first_id":"r_1","last_id":"r_7","licences":["Apache-2.0"],)"
        R"("obligations":["name-prefix:Qwen"],"path":"sums-000001-00-0123456789ab.jsonl.gz","prompt_sources":["sums"],)"
        R"("purposes":["training"],"raw_bytes":20,"raw_sha256":"01","rows":7,"segment":1,"self_attested":true,)"
        R"("sha256":"ef","teachers":["qwen"]}],"tenant":"default","version":3,"view":"default","where":""})");
}

TEST_CASE("a manifest reads back as it was written", "[corpus]") {
  const v1::Manifest manifest = full_manifest();
  const auto read = parse_manifest(manifest_json(manifest));
  REQUIRE(read.ok());
  CHECK(google::protobuf::util::MessageDifferencer::Equals(*read, manifest));
  CHECK(manifest_json(*read) == manifest_json(manifest));
}

TEST_CASE("a manifest of before coverage was told reads as one that tells none", "[corpus]") {
  v1::Manifest old = full_manifest();
  old.clear_coverage();
  old.clear_major();
  const std::string json = with(with(manifest_json(old), R"("coverage":[],)", ""), R"("major":0,)", "");
  const auto read = parse_manifest(json);
  REQUIRE(read.ok());
  CHECK(google::protobuf::util::MessageDifferencer::Equals(*read, old));
  CHECK(refuses(with(manifest_json(full_manifest()), R"("asked":12)", R"("asked":-1)"), "coverage[0].asked: found"));
}

TEST_CASE("every field of the manifest and shard messages is in the file", "[corpus]") {
  // A field that is added to the nouns and forgotten here would be lost to every consumer.
  const std::string json = manifest_json(full_manifest());
  for (const auto* descriptor : {v1::Manifest::descriptor(), v1::Shard::descriptor(), v1::Coverage::descriptor()})
    for (int i = 0; i < descriptor->field_count(); ++i) {
      INFO(descriptor->field(i)->full_name());
      CHECK(json.find('"' + descriptor->field(i)->name() + "\":") != std::string::npos);
    }
}

TEST_CASE("a manifest with mistakes is refused with each of them", "[corpus]") {
  const std::string json = manifest_json(full_manifest());
  CHECK(refuses("", "not JSON"));
  CHECK(refuses("[]", "found a list, expected an object"));
  CHECK(refuses(with(json, "\"version\":3", "\"version\":\"3\""), "version: found a text, expected a whole number"));
  CHECK(refuses(with(json, "\"version\":3", "\"version\":-3"), "version: found the number -3"));
  CHECK(refuses(with(json, "\"kind\":\"append\",", ""), "kind: found nothing, expected a text"));
  CHECK(refuses(with(json, "\"raw_bytes\":20", "\"raw_bytes\":null"), "shards[0].raw_bytes: found null"));
  CHECK(refuses(with(json, "\"teachers\":[\"qwen\"]", "\"teachers\":[1]"), "shards[0].teachers"));
  CHECK(refuses(with(json, "\"rights_expired\":2", "\"rights_expired\":\"2\""), "dropped"));
}

TEST_CASE("a shard's path may not lead out of its directory", "[corpus]") {
  const std::string json = manifest_json(full_manifest());
  for (const char* path : {"../x.jsonl", "/etc/x.jsonl", "a/b.jsonl", ".hidden", ""})
    CHECK(refuses(with(json, "sums-000001-00-0123456789ab.jsonl.gz", path), "shards[0].path"));
}

TEST_CASE("fields of later versions are skipped", "[corpus]") {
  const std::string json = manifest_json(full_manifest());
  CHECK(parse_manifest(with(json, "\"view\":", "\"vanity\":{\"x\":[1]},\"view\":")).ok());
}

TEST_CASE("a file is whole or keeps what it was", "[corpus]") {
  const TempDirectory directory;
  const std::string path = (directory.path() / "a" / "b").string();
  REQUIRE(make_directories(path).ok());
  REQUIRE(make_directories(path).ok());
  const std::string file = path + "/f";
  REQUIRE(write_file_atomically(file, "one").ok());
  REQUIRE(write_file_atomically(file, "two").ok());
  CHECK(read_file(file, 3).value() == "two");
  CHECK(read_file(file, 2).status().code() == absl::StatusCode::kResourceExhausted);
  CHECK(read_file(path + "/none", 2).status().code() == absl::StatusCode::kNotFound);
  // A file where a directory is wanted, and a place that takes no files: not a refusal, and not something not found.
  for (const std::string& place : {file + "/below", std::string("/proc/harvest")}) {
    CHECK(make_directories(place).code() == absl::StatusCode::kResourceExhausted);
    CHECK(write_file_atomically(place + "/x", "1").code() == absl::StatusCode::kResourceExhausted);
  }
  CHECK_FALSE(write_file_atomically(path + "/no/f", "x").ok());
  spill(path + "/.writing-g", "half");
  REQUIRE(remove_leftovers(path).ok());
  CHECK(std::distance(std::filesystem::directory_iterator(path), {}) == 1);
}
