#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "storage/card/card_facts.h"
#include "storage/card/croissant.h"
#include "storage/card/hugging_face.h"

using namespace harvest;

namespace {

v1::Shard shard(const std::string& path, const std::string& teacher, const std::string& licence,
                std::vector<std::string> purposes) {
  v1::Shard shard;
  shard.set_path(path);
  shard.set_bytes(100);
  shard.set_sha256(std::string(64, 'a'));
  shard.set_rows(5);
  shard.add_teachers(teacher);
  shard.add_licences(licence);
  shard.mutable_purposes()->Assign(purposes.begin(), purposes.end());
  return shard;
}

v1::Manifest manifest() {
  v1::Manifest manifest;
  manifest.set_dataset("maths");
  manifest.set_view("default");
  manifest.set_version(4);
  manifest.set_major(1);
  manifest.set_kind("append");
  manifest.set_format("jsonl.gz");
  manifest.set_created_at("2026-11-22T10:00:00.000000Z");
  manifest.set_rows(10);
  manifest.set_tenant("default");
  *manifest.add_shards() = shard("maths-1.jsonl.gz", "qwen", "Apache-2.0", {"evaluation", "training"});
  *manifest.add_shards() = shard("maths-2.jsonl.gz", "mini", "LicenseRef-acme", {"evaluation"});
  return manifest;
}

boost::json::object croissant(const v1::Manifest& manifest) {
  return boost::json::parse(card::croissant_json(manifest, "http://127.0.0.1/x")).as_object();
}

}  // namespace

TEST_CASE("a card says of the whole only what all of its shards permit", "[card]") {
  const card::CardFacts facts = card::facts_of(manifest());
  CHECK(facts.purposes == std::vector<std::string>{"evaluation"});
  CHECK(facts.teachers == std::vector<std::string>{"mini", "qwen"});
  CHECK(facts.licences == std::vector<std::string>{"Apache-2.0", "LicenseRef-acme"});
  CHECK(facts.version == "1.4.0");
  CHECK(facts.files == "shards/*.jsonl.gz");
}

TEST_CASE("a Croissant document names every shard with its hash, and the columns of one value", "[card]") {
  const boost::json::object document = croissant(manifest());
  const boost::json::array& files = document.at("distribution").as_array();
  REQUIRE(files.size() == 3);
  CHECK(files[1].at("contentUrl") == "shards/maths-2.jsonl.gz");
  CHECK(files[1].at("sha256").as_string() == std::string(64, 'a'));
  CHECK(files[2].at("@type") == "cr:FileSet");
  const boost::json::array& fields = document.at("recordSet").at(0).at("field").as_array();
  CHECK(fields[0].at("name") == "record_id");
  for (const boost::json::value& field : fields) CHECK(field.at("name") != "messages");
  CHECK(document.at("usageInfo").at("odrl:permission").at("odrl:constraint").at("odrl:rightOperand") ==
        boost::json::array{"evaluation"});
  CHECK(document.at("isLiveDataset") == true);
}

TEST_CASE("rows of a profile are described by their ids, rows without one by none", "[card]") {
  v1::Manifest profiled = manifest();
  profiled.set_profile("trl");
  CHECK(croissant(profiled).at("recordSet").at(0).at("field").as_array().size() == 1);
  profiled.set_profile("openai");
  CHECK_FALSE(croissant(profiled).contains("recordSet"));
}

TEST_CASE("a version without shards and licences has a card all the same", "[card]") {
  v1::Manifest empty = manifest();
  empty.clear_shards();
  empty.set_rows(0);
  CHECK(croissant(empty).at("license") == boost::json::array{"not stated"});
  CHECK_THAT(card::hugging_face_card(empty), Catch::Contains("license_name: \"not stated\""));
}

TEST_CASE("a Hugging Face card names a licence that the hub knows, and others as such", "[card]") {
  v1::Manifest one = manifest();
  one.mutable_shards()->RemoveLast();
  one.set_where("teacher_id = 'a|b'");
  const std::string known = card::hugging_face_card(one);
  CHECK_THAT(known, Catch::StartsWith("---\nlicense: apache-2.0\n"));
  CHECK_THAT(known, Catch::Contains("path: \"shards/*.jsonl.gz\""));
  CHECK_THAT(known, Catch::Contains("teacher_id = 'a\\|b'"));
  CHECK_THAT(card::hugging_face_card(manifest()),
             Catch::Contains("license: other\nlicense_name: \"Apache-2.0 and LicenseRef-acme\""));
}

TEST_CASE("rights that nobody but the operator attested to are told as such", "[card]") {
  v1::Manifest attested = manifest();
  attested.mutable_shards(0)->set_self_attested(true);
  CHECK(croissant(attested).contains("rai:dataLimitations"));
  CHECK_THAT(card::hugging_face_card(attested), Catch::Contains("self-attested"));
  CHECK_FALSE(croissant(manifest()).contains("rai:dataLimitations"));
}
