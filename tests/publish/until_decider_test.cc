#include "service/publish/until_decider.h"

#include <catch2/catch.hpp>

#include "service/publish/label_import.h"
#include "tests/publish/publishing.h"

using namespace harvest;
using namespace harvest::publish;

namespace {

/// A job that asks until accepted; what decides of it, and what it told.
struct Until : Ready {
  explicit Until(const std::string& until, uint64_t prompts = 1, uint32_t samples = 3) {
    asked = {.count = prompts};
    asked.samples = samples;
    asked.until = until;
    job = submit(asked);
    begin();
  }
  /// As a daemon that comes up does.
  void begin() {
    publisher.reset();
    import.reset();
    told.clear();
    decider = std::make_shared<UntilDecider>(
        store(), [] { return kNow; }, [this](const UntilDecider::Decision& decision) { told.push_back(decision.ask); });
    PublisherOptions with = options();
    with.labeller = std::make_shared<const quality::Labeller>(quality::BenchmarkList());
    with.decider = decider;
    publisher = std::make_unique<Publisher>(store(), std::move(with));
    import = std::make_unique<LabelImport>(store(), decider);
  }
  void restart() {
    publisher.reset();
    import.reset();
    decider.reset();
    crash();
    begin();
  }

  /// The prompt's next sample is asked and answered; the record's id.
  std::string answer(uint64_t prompt, uint32_t sample, const std::string& text = "It is so for many good reasons.") {
    store::Reserve reserve;
    reserve.from = {job, 0, prompt, sample == 0 ? std::nullopt : std::make_optional<int64_t>(kNow)};
    reserve.intent.set_id(std::string(10, 'u') + std::to_string(100'000 + ++answers));
    reserve.intent.set_job_number(job);
    reserve.intent.set_ordinal(prompt);
    reserve.intent.set_teacher(asked.teacher);
    reserve.intent.set_attempt(1);
    reserve.intent.set_turn(sample);
    store().apply_and_wait(reserve).value();
    asked.text = text;
    store::Settle settle = answered(asked, reserve.intent);
    const std::string id = settle.samples[0].pair.record_id();
    if (sample + 1 < asked.samples) {
      v1::Postponed& next = settle.samples[0].onward.next.emplace();
      next.set_due_at_us(store::kUndecided);
      next.set_turn(sample + 1);
      next.add_parent_record_ids(id);
    }
    store().apply_and_wait(std::move(settle)).value();
    return id;
  }
  void verdict(const std::string& id, const std::string& rule, const std::string& value) {
    v1::ImportLabelsRequest request;
    request.set_dataset(asked.dataset);
    auto& one = *request.add_verdicts();
    one.set_record_id(id);
    one.mutable_label()->set_rule(rule);
    one.mutable_label()->set_value(value);
    CHECK(import->import(request, "verifier").value().labels() == 1);
  }
  void label() { REQUIRE(publisher->label_some().ok()); }
  v1::JobCounters counters() { return store().job(job)->counters(); }
  size_t due() { return store().postponed(job, 0, kNow, 100).size(); }

  Asked asked;
  uint64_t job = 0;
  int answers = 0;
  std::shared_ptr<UntilDecider> decider;
  std::unique_ptr<Publisher> publisher;
  std::unique_ptr<LabelImport> import;
  std::vector<bool> told;  ///< ask?
};

}  // namespace

TEST_CASE("a rule of ours decides a sample as soon as it is labelled", "[publish][until]") {
  Until job("not labels has 'unclosed'", 2);
  job.answer(0, 0, "<think>it goes on");
  job.answer(1, 0);
  CHECK(job.told.empty());
  job.label();
  REQUIRE(job.told == std::vector<bool>{true, false});
  CHECK(job.due() == 1);
  CHECK(job.counters().unasked() == 2);
  job.answer(0, 1);
  job.label();
  CHECK(job.told.size() == 3);
  CHECK(job.counters().unasked() == 3);
  CHECK(job.store().job(job.job)->state() == v1::FINISHED);
}

TEST_CASE("a sample that fails a rule of ours waits for no verdict", "[publish][until]") {
  Until job("not labels has 'unclosed' and labels has 'tests=pass'");
  job.answer(0, 0, "<think>it goes on");
  job.label();
  CHECK(job.told == std::vector<bool>{true});
}

TEST_CASE("a verdict that is brought in decides, and none is asked while it hangs on one that is missing",
          "[publish][until]") {
  Until job("labels has 'tests=pass' and labels has 'judge=good'");
  const std::string first = job.answer(0, 0);
  job.label();
  CHECK(job.told.empty());
  job.verdict(first, "tests", "pass");
  CHECK(job.told.empty());
  job.verdict(first, "others", "bad");
  CHECK(job.told.empty());
  job.verdict(first, "judge", "bad");
  CHECK(job.told == std::vector<bool>{true});
  job.verdict(first, "judge", "good");  // it is another sample's turn by now
  CHECK(job.told.size() == 1);
  const std::string second = job.answer(0, 1);
  job.verdict(second, "tests", "pass");
  job.verdict(second, "judge", "good");
  CHECK(job.told.size() == 1);  // it bears no labels of ours yet
  job.label();
  CHECK(job.told == std::vector<bool>{true, false});
  CHECK(job.counters().unasked() == 1);
}

TEST_CASE("a sample that passes by one verdict waits for no other", "[publish][until]") {
  Until job("labels has 'tests=pass' or labels has 'judge=good'");
  const std::string first = job.answer(0, 0);
  job.label();
  job.verdict(first, "tests", "pass");
  CHECK(job.told == std::vector<bool>{false});
}

TEST_CASE("what a crash kept from being decided is decided after the next start, once", "[publish][until]") {
  Until job("labels has 'tests=pass'", 600, 2);
  std::vector<std::string> ids;
  for (uint64_t prompt = 0; prompt < 600; ++prompt) ids.push_back(job.answer(prompt, 0));
  while (job.publisher->label_some().value()) {
  }
  // Verdicts that are kept by a process that dies before it decides by them.
  LabelImport alone(job.store());
  v1::ImportLabelsRequest request;
  request.set_dataset(job.asked.dataset);
  for (uint64_t prompt = 0; prompt < 600; prompt += 2) {
    auto& one = *request.add_verdicts();
    one.set_record_id(ids[prompt]);
    one.mutable_label()->set_rule("tests");
    one.mutable_label()->set_value(prompt % 4 == 0 ? "pass" : "fail");
  }
  CHECK(alone.import(request, "verifier").value().labels() == 300);
  CHECK(job.told.empty());

  job.restart();
  int steps = 0;
  while (job.publisher->label_some().value()) REQUIRE(++steps < 100);
  CHECK(steps >= 3);  // bounded pages
  CHECK(job.told.size() == 300);
  CHECK(job.counters().unasked() == 150);
  CHECK(job.store().postponed(job.job, 0, kNow, 1000).size() == 150);
  CHECK_FALSE(job.publisher->label_some().value());
  CHECK(job.told.size() == 300);
}

TEST_CASE("labels that are made anew decide nothing twice", "[publish][until]") {
  Until job("not labels has 'unclosed'");
  job.answer(0, 0, "<think>it goes on");
  job.label();
  REQUIRE(job.told == std::vector<bool>{true});
  PublisherOptions with = job.options();
  with.labeller = std::make_shared<const quality::Labeller>(quality::BenchmarkList(), false);
  with.decider = job.decider;
  Publisher anew(job.store(), std::move(with));
  REQUIRE(anew.label_some().ok());
  CHECK(job.told.size() == 1);
}
