#include "tests/publish/publishing.h"

using namespace harvest;
using namespace harvest::publish;

TEST_CASE("what is made from a pair names it and is listed under both licences", "[publish][chain]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  const auto parents = fixture.harvest({.teacher = "llama", .dataset = "drafts"});
  fixture.harvest({.count = 2, .parents = parents, .licence = "Apache-2.0 AND CC-BY-4.0"});
  const auto report = verified(*publisher.publish("maths", plain(), kNow));
  CHECK(report.rows == 2);
  CHECK(report.manifest.shards(0).licences(0) == "Apache-2.0 AND CC-BY-4.0");
  const std::string lines =
      corpus::slurp(publisher.files("maths", kDefaultView).shard(report.manifest.shards(0).path()));
  CHECK(lines.find(R"("parent_record_ids_json":"[\")" + parents[0] + R"(\"]")") != std::string::npos);
}

TEST_CASE("what is made from a pair goes where that may go, over generations", "[publish][chain]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  const auto first = fixture.harvest({.teacher = "llama", .dataset = "drafts"});
  const auto second = fixture.harvest({.dataset = "rewrites", .parents = first});
  fixture.harvest({.parents = second});
  fixture.harvest({.count = 3});
  v1::Teacher withdrawn = fixture.teacher("llama");
  withdrawn.mutable_rights()->clear_permits();
  withdrawn.mutable_rights()->add_permits(v1::EVALUATION);
  fixture.put(withdrawn);
  const auto report = verified(*publisher.publish("maths", {}, kNow));
  CHECK(report.rows == 3);
  CHECK(report.manifest.dropped().at("purpose_not_permitted") == 1);
}
