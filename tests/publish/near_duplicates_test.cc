#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "tests/publish/publishing.h"

using namespace harvest;
using namespace harvest::publish;

namespace {

std::shared_ptr<const quality::Labeller> near_rules(bool near_duplicates, const std::string& benchmark_text = "") {
  quality::BenchmarkList list;
  if (!benchmark_text.empty()) list.add_text(list.add_benchmark("held-out"), benchmark_text);
  return std::make_shared<const quality::Labeller>(std::move(list), near_duplicates);
}

/// A text of its own for each number; the last word tells the two of one number apart.
std::string story(int number, const std::string& last = "end") {
  std::mt19937 random(static_cast<unsigned>(number));
  std::string text;
  for (int i = 0; i < 120; ++i) text += "w" + std::to_string(random() % 5000) + ' ';
  return text + last;
}

struct Repeating : Ready {
  Publisher labelling(std::shared_ptr<const quality::Labeller> labeller = near_rules(true)) {
    PublisherOptions with = options();
    with.labeller = std::move(labeller);
    return Publisher(store(), std::move(with));
  }
  std::string answered(const std::string& text) { return harvest({.text = text, .same = true}).front(); }
  void label_all(Publisher& publisher) {
    while (*publisher.label_some()) {
    }
  }
  /// Of each pair, the record that it is said to be near to.
  std::vector<std::string> clusters() {
    const auto dataset = store().dataset("maths");
    std::vector<std::string> all(dataset->pairs());
    for (const auto& row : store().labels(dataset->number(), 0, dataset->pairs()))
      for (const v1::Label& label : row.labels.labels())
        if (label.rule() == "near_duplicate") all[row.sequence] = label.value();
    return all;
  }
};

}  // namespace

TEST_CASE("a later pair is of the cluster that the earliest one names", "[publish][near]") {
  Repeating fixture;
  Publisher publisher = fixture.labelling();
  const std::string first = fixture.answered(story(1));
  const std::string second = fixture.answered(story(2));
  fixture.answered(story(1, "fin"));
  fixture.label_all(publisher);
  CHECK(fixture.clusters() == std::vector<std::string>{"", "", first});
  // Across steps, and over a restart.
  fixture.answered(story(2, "fin"));
  fixture.label_all(publisher);
  fixture.crash();
  Publisher after = fixture.labelling();
  fixture.answered(story(1, "last"));
  fixture.answered("42");
  fixture.answered("42");
  fixture.label_all(after);
  CHECK(fixture.clusters() == std::vector<std::string>{"", "", first, second, first, "", ""});
}

TEST_CASE("views keep one of each cluster or name it", "[publish][near]") {
  Repeating fixture;
  Publisher publisher = fixture.labelling();
  const std::string first = fixture.answered(story(1));
  for (const char* end : {"b", "c"}) fixture.answered(story(1, end));
  fixture.answered(story(2));
  const auto one_of_each = publisher.publish("maths", where("single", "near_dup_cluster = ''"), kNow);
  REQUIRE(one_of_each.ok());
  CHECK(view_in(*one_of_each, "single").rows() == 2);
  const auto as_label = publisher.publish("maths", where("label", "not labels has 'near_duplicate'"), kNow);
  REQUIRE(as_label.ok());
  CHECK(view_in(*as_label, "label").rows() == 2);
  const auto later = publisher.publish("maths", where("later", "near_dup_cluster = '" + first + "'"), kNow);
  REQUIRE(later.ok());
  CHECK(view_in(*later, "later").rows() == 2);
  const auto report = verified(*later, "later");
  const std::string line = corpus::slurp(publisher.files("maths", "later").shard(report.manifest.shards(0).path()));
  INFO(line);
  CHECK(line.find("\"near_dup_cluster\":\"" + first + "\"") != std::string::npos);
  CHECK(line.find("near_duplicate/1") != std::string::npos);
}

TEST_CASE("other label rules leave clusters as they are also where they were half applied", "[publish][near]") {
  Repeating fixture;
  Publisher before = fixture.labelling();
  for (int i = 0; i < 300; ++i) fixture.answered(story(i % 250));
  fixture.label_all(before);
  const auto clusters = fixture.clusters();
  REQUIRE(clusters[299] != "");
  REQUIRE(fixture.store().dataset("maths")->clustered() == 300);
  Publisher after = fixture.labelling(near_rules(true, story(7)));
  CHECK(*after.label_some());
  CHECK(fixture.store().dataset("maths")->labelled() == 256);
  CHECK(fixture.clusters() == clusters);
  fixture.answered(story(0));
  fixture.label_all(after);
  auto with_one_more = clusters;
  with_one_more.push_back(clusters[250]);
  CHECK(fixture.clusters() == with_one_more);
}

TEST_CASE("near-duplicates that are not wanted any more are forgotten and found again", "[publish][near]") {
  Repeating fixture;
  Publisher with = fixture.labelling();
  fixture.answered(story(1));
  fixture.answered(story(1));
  fixture.label_all(with);
  const auto clusters = fixture.clusters();
  REQUIRE(clusters[1] != "");
  Publisher without = fixture.labelling(near_rules(false));
  fixture.label_all(without);
  CHECK(fixture.clusters() == std::vector<std::string>{"", ""});
  CHECK(fixture.store().dataset("maths")->label_rules().find("near_duplicate") == std::string::npos);
  Publisher again = fixture.labelling();
  fixture.label_all(again);
  CHECK(fixture.clusters() == clusters);
}
