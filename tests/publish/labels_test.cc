#include <catch2/catch.hpp>

#include "service/publish/label_import.h"
#include "tests/publish/publishing.h"

using namespace harvest;
using namespace harvest::publish;

namespace {

std::shared_ptr<const quality::Labeller> rules(const std::string& benchmark_text = "") {
  quality::BenchmarkList list;
  if (!benchmark_text.empty()) list.add_text(list.add_benchmark("held-out"), benchmark_text);
  return std::make_shared<const quality::Labeller>(std::move(list));
}

struct Labelling : Ready {
  Publisher labelling(std::shared_ptr<const quality::Labeller> labeller = rules()) {
    PublisherOptions with = options();
    with.labeller = std::move(labeller);
    return Publisher(store(), std::move(with));
  }
  /// Answers of no words, of some, and of a loop.
  void harvest_three_kinds() {
    harvest({.text = "It is so because the sum of the two numbers that were given is"});
    harvest({.text = "<think>it goes on"});
    std::string loop;
    for (int i = 0; i < 60; ++i) loop += "over and over ";
    harvest({.text = loop});
  }
  uint64_t labelled() { return store().dataset("maths")->labelled(); }
  std::string lines(const Publisher& publisher, const absl::StatusOr<v1::DatasetStatus>& status,
                    const std::string& view) {
    std::string all;
    const corpus::VerifyReport report = verified(status.value(), view);
    for (const v1::Shard& shard : report.manifest.shards())
      all += corpus::slurp(publisher.files("maths", view).shard(shard.path()));
    return all;
  }
};

bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("pairs are labelled in the background, some at a time", "[publish][labels]") {
  Labelling fixture;
  Publisher publisher = fixture.labelling();
  CHECK_FALSE(*publisher.label_some());
  fixture.harvest({.count = 300});
  CHECK(*publisher.label_some());
  CHECK(fixture.labelled() == 256);
  CHECK_FALSE(*publisher.label_some());
  CHECK(fixture.labelled() == 300);
  fixture.harvest({.count = 2});
  CHECK_FALSE(*publisher.label_some());
  CHECK(fixture.labelled() == 302);
}

TEST_CASE("what is published is labelled first, and filters ask about labels", "[publish][labels]") {
  Labelling fixture;
  Publisher publisher = fixture.labelling();
  fixture.harvest_three_kinds();
  const auto bad = publisher.publish("maths", where("bad", "labels has 'repetition' or labels has 'unclosed'"), kNow);
  REQUIRE(bad.ok());
  CHECK(fixture.labelled() == 3);
  CHECK(view_in(*bad, "bad").rows() == 2);
  const auto good = publisher.publish(
      "maths", where("good", "lang = 'en' and not (labels has 'repetition' or labels has 'unclosed')"), kNow);
  REQUIRE(good.ok());
  const std::string line = fixture.lines(publisher, good, "good");
  CHECK(holds(line, R"("labels":"","label_rules":"contaminated/1,)"));
  CHECK(holds(line, R"("lang":"en")"));
  CHECK(verified(*good, "good").manifest.dropped().at("where") == 2);
}

TEST_CASE("without a labeller nothing is labelled and nothing waits", "[publish][labels]") {
  Labelling fixture;
  Publisher publisher = fixture.publisher();
  fixture.harvest_three_kinds();
  CHECK_FALSE(*publisher.label_some());
  const auto status = publisher.publish("maths", plain(), kNow);
  REQUIRE(status.ok());
  CHECK(holds(fixture.lines(publisher, status, kDefaultView), R"("labels":"","label_rules":"")"));
}

TEST_CASE("other rules label all pairs anew, and shards that are published stay", "[publish][labels]") {
  Labelling fixture;
  const std::string text = "a held out text of some thirteen words that no training row should repeat";
  fixture.harvest({.text = text});
  Publisher before = fixture.labelling();
  const auto first = before.publish("maths", plain(), kNow);
  const std::string published = fixture.lines(before, first, kDefaultView);
  fixture.harvest({.text = text});
  Publisher after = fixture.labelling(rules(text));
  CHECK_FALSE(*after.label_some());
  CHECK(fixture.labelled() == 2);
  const auto second = after.publish("maths", plain(), kNow + kSecond);
  const std::string grown = fixture.lines(after, second, kDefaultView);
  CHECK(grown.rfind(published, 0) == 0);
  CHECK(holds(grown.substr(published.size()), R"("decontam_flags":"held-out")"));
  // A view that is asked for now is cut from all pairs, under the labels of now.
  const auto all = after.publish("maths", where("dirty", "decontam_flags has 'held-out'"), kNow + kSecond);
  CHECK(view_in(*all, "dirty").rows() == 2);
}

TEST_CASE("verdicts that are brought in stand beside ours, the last one of a rule counts", "[publish][labels]") {
  Labelling fixture;
  Publisher publisher = fixture.labelling();
  const auto ids = fixture.harvest({.count = 3});
  LabelImport import(fixture.store());
  v1::ImportLabelsRequest request;
  request.set_dataset("maths");
  const auto add = [&](const std::string& id, const std::string& rule, const std::string& value) {
    auto& verdict = *request.add_verdicts();
    verdict.set_record_id(id);
    verdict.mutable_label()->set_rule(rule);
    verdict.mutable_label()->set_value(value);
  };
  add(ids[0], "tests_pass", "no");
  add(ids[0], "tests_pass", "yes");
  add(ids[0], "checked", "");
  add(ids[1], "tests_pass", "no");
  add("r_01JD0000000000000000000000", "tests_pass", "no");
  const auto reply = import.import(request, "local:ana");
  REQUIRE(reply.ok());
  CHECK(reply->labels() == 4);
  CHECK(reply->unknown() == 1);
  CHECK(reply->unknown_ids(0) == "r_01JD0000000000000000000000");
  const auto status = publisher.publish("maths", where("passed", "labels has 'tests_pass=yes'"), kNow);
  REQUIRE(status.ok());
  CHECK(view_in(*status, "passed").rows() == 1);
  const std::string line = fixture.lines(publisher, status, "passed");
  CHECK(holds(line, ids[0]));
  CHECK(holds(line, R"("labels":"checked|tests_pass=yes")"));
  // Relabelling leaves them.
  CHECK_FALSE(*fixture.labelling(rules("some eight words and more of a text held out")).label_some());
  const uint64_t number = fixture.store().dataset("maths")->number();
  CHECK(fixture.store().imported_labels(number, 0).labels_size() == 2);
  CHECK(fixture.store().imported_labels(number, 0).labels(1).by() == "local:ana");

  SECTION("a verdict that is none refuses its whole message") {
    add(ids[2], "tests pass", "");
    const absl::Status status = import.import(request, "local:ana").status();
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(says(status, "verdicts[5].rule: expected 1 to 64"));
    request.mutable_verdicts(5)->mutable_label()->set_rule("x");
    request.mutable_verdicts(5)->mutable_label()->set_value("a|b");
    CHECK(says(import.import(request, "local:ana").status(), "verdicts[5].value: expected at most 200 bytes"));
    request.mutable_verdicts(5)->mutable_label()->clear_value();
    request.mutable_verdicts(5)->set_record_id("nonsense");
    CHECK(says(import.import(request, "local:ana").status(), "verdicts[5].record_id: 'nonsense' is not a record id"));
    CHECK(fixture.store().imported_labels(number, 2).labels().empty());
  }
  SECTION("of a dataset that is not there") {
    request.set_dataset("none");
    CHECK(import.import(request, "local:ana").status().code() == absl::StatusCode::kNotFound);
  }
}
