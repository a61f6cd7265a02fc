#include "service/publish/siblings.h"

#include <catch2/catch.hpp>
#include <map>

#include "storage/corpus/shard_reader.h"
#include "tests/publish/publishing.h"

using namespace harvest;
using namespace harvest::publish;

namespace {

Sibling sibling(size_t place, uint64_t prompt, uint32_t sample, uint64_t said, double standing = 0) {
  return {.job = 1,
          .prompt = prompt,
          .sample = sample,
          .sequence = place,
          .place = place,
          .said = said,
          .standing = standing};
}

std::vector<std::string> lines(const Publisher& publisher, const v1::Manifest& manifest) {
  std::vector<std::string> lines;
  for (const v1::Shard& shard : manifest.shards()) {
    auto reader = corpus::ShardReader::open(publisher.files("maths", kDefaultView).shard(shard.path()));
    while (reader->next().value()) lines.emplace_back(reader->line());
  }
  return lines;
}

v1::View preference(const std::string& rule) {
  v1::View view = plain();
  view.set_name("preference");
  view.set_profile("preference");
  view.set_prefer(rule);
  view.set_shards(2);
  return view;
}

}  // namespace

TEST_CASE("agreement is the share of a prompt's samples that say the same", "[publish][agreement]") {
  CHECK(agreements({}, 0).empty());
  const auto shares = agreements(
      {sibling(0, 7, 0, 4), sibling(1, 7, 1, 4), sibling(2, 7, 2, 5), sibling(3, 8, 0, 4), sibling(4, 7, 3, 4)}, 6);
  CHECK(shares == std::vector<double>{0.75, 0.75, 0.25, -1, 0.75, -1});
}

TEST_CASE("of a prompt's samples the best and the worst make a pair, of equal ones the first",
          "[publish][preference]") {
  using Pairs = std::vector<std::pair<size_t, size_t>>;
  CHECK(preferences({sibling(0, 7, 0, 0, 1)}).empty());
  CHECK(preferences({sibling(0, 7, 0, 0, 1), sibling(1, 7, 1, 0, 1)}).empty());
  CHECK(preferences({sibling(0, 7, 3, 0, 1), sibling(1, 7, 2, 0, 0), sibling(2, 7, 1, 0, 1), sibling(3, 7, 4, 0, 0)}) ==
        Pairs{{1, 2}});
  CHECK(preferences({sibling(0, 7, 0, 0, 1), sibling(1, 8, 0, 0, 0)}).empty());
}

TEST_CASE("a snapshot says how far a prompt's samples agree and nothing else does", "[publish][snapshot][agreement]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 4, .text = "it is 5 or", .samples = 4});  // says "5 or 0", "5 or 1", … of one prompt
  fixture.harvest({.count = 3, .text = "yes", .samples = 3, .same = true});
  fixture.harvest({.count = 1});
  v1::View snapshot = plain();
  snapshot.set_name("one");
  snapshot.set_shards(1);
  const auto status = publisher.publish("maths", snapshot, kNow);
  REQUIRE(status.ok());
  std::map<std::string, int> said;
  for (const std::string& line : lines(publisher, verified(*status, "one").manifest)) {
    const size_t at = line.find("\"agreement\":") + 12;
    ++said[line.substr(at, line.find(',', at) - at)];
  }
  CHECK(said == std::map<std::string, int>{{"0.250000", 4}, {"1.000000", 3}, {"-1.0", 1}});
  const auto growing = publisher.publish("maths", plain(), kNow);
  REQUIRE(growing.ok());
  for (const std::string& line : lines(publisher, verified(*growing).manifest))
    CHECK(line.find("\"agreement\":-1.0,") != std::string::npos);
  v1::View filtered = plain();
  filtered.set_name("agreed");
  filtered.set_where("agreement > 0.5");
  CHECK(says(publisher.publish("maths", filtered, kNow).status(), "where: found agreement"));
}

TEST_CASE("preferences are made of several samples of one prompt", "[publish][snapshot][preference]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 3, .samples = 3});
  fixture.harvest({.teacher = "llama", .count = 2, .samples = 2});
  fixture.harvest({.count = 1});
  const auto status = publisher.publish("maths", preference("sample_index desc"), kNow);
  REQUIRE(status.ok());
  const v1::Manifest manifest = verified(*status, "preference").manifest;
  CHECK(manifest.rows() == 2);
  CHECK(manifest.dropped().at("prefer") == 2);  // a middle one, and one that is alone
  CHECK(manifest.where() == "; prefer sample_index desc");
  std::string all;
  for (const std::string& line : lines(publisher, manifest)) all += line + '\n';
  CHECK(all.find(R"("chosen":[{"role":"assistant","content":"four 2")") != std::string::npos);
  CHECK(all.find(R"("rejected":[{"role":"assistant","content":"four 0")") != std::string::npos);
}

TEST_CASE("a preference that cannot be made is refused with what it lacks", "[publish][preference]") {
  Ready fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest({.count = 2, .samples = 2});
  v1::View view = preference("sample_index asc");
  view.clear_shards();
  CHECK(says(publisher.publish("maths", view, kNow).status(), "only a snapshot (--shards K) can hold it"));
  CHECK(says(publisher.publish("maths", preference(""), kNow).status(), "expected a rule: COLUMN asc"));
  view = plain();
  view.set_prefer("sample_index asc");
  CHECK(says(publisher.publish("maths", view, kNow).status(), "expected none without the profile preference"));
  // Nothing to tell apart: no rows for two shards.
  CHECK(says(publisher.publish("maths", preference("attempt asc"), kNow).status(), "found 2 for 0 rows"));
}
