// A view in the order of submission (--complete-only): nothing of a prompt before all prompts before it have ended.
#include "service/publish/submission_order.h"

#include <absl/strings/str_split.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/publish/publishing.h"

using namespace harvest;
using namespace harvest::publish;

namespace {

v1::View in_order() {
  v1::View view = plain();
  view.set_name("whole");
  view.set_complete_only(true);
  return view;
}

/// A job whose queries are all in flight, to be answered in any order.
struct InFlight : Ready {
  explicit InFlight(size_t count, uint32_t samples = 1) {
    asked.count = count;
    asked.samples = samples;
    job = submit(asked);
    for (size_t i = 0; i < count; ++i) intents.push_back(ask(asked, job, i));
  }
  std::string answered(size_t query) { return keep(asked, intents.at(query)); }
  void ended(size_t query) {
    store::End end;
    end.intent = intents.at(query);
    end.ending.set_ordinal(intents.at(query).ordinal());
    end.ending.set_outcome("rejected");
    store().apply_and_wait(std::move(end)).value();
  }

  /// What the latest version lists, record by record.
  std::vector<std::string> published(const v1::DatasetStatus& status) {
    std::vector<std::string> ids;
    const corpus::VerifyReport report = verified(status, "whole");
    for (const v1::Shard& shard : report.manifest.shards())
      for (const std::string& line : std::vector<std::string>(absl::StrSplit(
               corpus::slurp(status.directory() + "/shards/" + shard.path()), '\n', absl::SkipEmpty()))) {
        constexpr std::string_view kKey = R"({"record_id":")";
        REQUIRE(line.starts_with(kKey));
        ids.push_back(line.substr(kKey.size(), line.find('"', kKey.size()) - kKey.size()));
      }
    return ids;
  }

  Asked asked;
  uint64_t job = 0;
  std::vector<v1::Intent> intents;
};

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a view in the order of submission waits for the first prompt that has not ended", "[publish][order]") {
  InFlight fixture(4);
  Publisher publisher = fixture.publisher();
  const std::string third = fixture.answered(2), second = fixture.answered(1);
  const auto early = publisher.publish("maths", in_order(), kNow);
  CHECK(early.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(says(early.status(), "the first has not ended yet"));

  const std::string first = fixture.answered(0);
  const auto some = publisher.publish("maths", in_order(), kNow);
  REQUIRE(some.ok());
  CHECK(fixture.published(*some) == Ids{first, second, third});
  const v1::Coverage covered = verified(*some, "whole").manifest.coverage(0);
  CHECK(covered.watermark() == 3);
  CHECK(covered.waiting() == 1);

  const std::string last = fixture.answered(3);
  const auto all = publisher.publish("maths", in_order(), kNow);
  REQUIRE(all.ok());
  CHECK(fixture.published(*all) == Ids{first, second, third, last});
  CHECK(view_in(*all, "whole").record().major() == 0);
  // Other views are as they always were.
  const auto arrived = publisher.publish("maths", plain(), kNow);
  REQUIRE(arrived.ok());
  CHECK(verified(*arrived).manifest.coverage(0).has_watermark() == false);
  CHECK(view_in(*arrived).rows() == 4);
}

TEST_CASE("of several samples a prompt has ended with the last of them", "[publish][order]") {
  InFlight fixture(4, 2);
  Publisher publisher = fixture.publisher();
  const std::string b = fixture.answered(1), c = fixture.answered(2);
  CHECK_FALSE(publisher.publish("maths", in_order(), kNow).ok());
  const std::string a = fixture.answered(0);
  const auto some = publisher.publish("maths", in_order(), kNow);
  REQUIRE(some.ok());
  CHECK(fixture.published(*some) == Ids{a, b});
  const std::string d = fixture.answered(3);
  CHECK(fixture.published(*publisher.publish("maths", in_order(), kNow)) == Ids{a, b, c, d});
}

TEST_CASE("what waited for a query that ended without an answer comes out, over a crash, by command and by itself",
          "[publish][order]") {
  InFlight fixture(3);
  const std::string second = fixture.answered(1), third = fixture.answered(2);
  CHECK_FALSE(fixture.publisher().publish("maths", in_order(), kNow).ok());
  const bool by_command = GENERATE(false, true);
  fixture.ended(0);  // with which the job has finished
  fixture.crash();
  Publisher publisher = fixture.publisher();
  REQUIRE(publisher.recover().ok());
  // No new pair arrives: the segment that it waited in is cut once more.
  if (by_command)
    REQUIRE(publisher.publish("maths", in_order(), kNow).ok());
  else
    REQUIRE(publisher.tick(kNow).ok());
  const auto status = publisher.status("maths");
  CHECK(fixture.published(*status) == Ids{second, third});
  CHECK(version_of(status, "whole") == 1);
  // And once only.
  REQUIRE(publisher.tick(kNow + 1000 * kSecond).ok());
  REQUIRE(publisher.publish("maths", in_order(), kNow).ok());
  CHECK(version_of(publisher.status("maths"), "whole") == 1);
}

TEST_CASE("a version that only lets out what had waited keeps the shards of before, and its place in the catalogue",
          "[publish][order]") {
  InFlight fixture(3);
  Publisher publisher = fixture.publisher();
  const std::string first = fixture.answered(0), third = fixture.answered(2);
  REQUIRE(publisher.publish("maths", in_order(), kNow).ok());
  fixture.ended(1);
  const auto status = publisher.publish("maths", in_order(), kNow);
  REQUIRE(status.ok());
  CHECK(fixture.published(*status) == Ids{first, third});
  CHECK(version_of(status, "whole") == 2);
  CHECK(view_in(*status, "whole").record().major() == 0);
  size_t shards = 0;
  for (const v1::Cut& cut : fixture.store().cuts("maths", "whole")) shards += static_cast<size_t>(cut.shards_size());
  CHECK(shards == 2);
}

TEST_CASE("a query that is asked again behind the watermark comes in the version after", "[publish][order]") {
  InFlight fixture(3);
  Publisher publisher = fixture.publisher();
  fixture.ended(0);
  const std::string second = fixture.answered(1), third = fixture.answered(2);
  REQUIRE(publisher.publish("maths", in_order(), kNow).ok());
  fixture.store().apply_and_wait(store::RequeueEndings{fixture.job, kNow}).value();
  CHECK(fixture.store().first_open_prompt(fixture.job).value() == 0);
  store::Reserve again;
  again.from = {fixture.job, 0, 0, kNow};
  again.intent = fixture.intents[0];
  again.intent.set_attempt(2);
  fixture.store().apply_and_wait(again).value();
  const std::string first = fixture.keep(fixture.asked, again.intent);
  const auto status = publisher.publish("maths", in_order(), kNow);
  REQUIRE(status.ok());
  CHECK(fixture.published(*status) == Ids{second, third, first});
  CHECK(verified(*status, "whole").manifest.coverage(0).watermark() == 3);
}

TEST_CASE("a pair in no closed segment yet holds back what was submitted after it", "[publish][order]") {
  InFlight fixture(2);
  const std::string second = fixture.answered(1);
  fixture.add_view(in_order());
  fixture.close();
  const std::string first = fixture.answered(0);
  const auto cut = fixture.writer("whole").cut(kNow);
  REQUIRE(cut.ok());
  CHECK(cut->front().shards().empty());
  CHECK(fixture.published(*fixture.publisher().publish("maths", in_order(), kNow)) == Ids{first, second});
}

TEST_CASE("a prompt is open while a query of it waits, flies or rests", "[publish][order]") {
  InFlight fixture(3);
  const auto open = [&] { return fixture.store().first_open_prompt(fixture.job).value(); };
  CHECK(open() == 0);
  fixture.answered(0);
  CHECK(open() == 1);
  store::Postpone postpone;
  postpone.intent = fixture.intents[1];
  postpone.to.set_ordinal(1);
  postpone.to.set_due_at_us(kNow);
  fixture.store().apply_and_wait(postpone).value();
  fixture.answered(2);
  CHECK(open() == 1);
  fixture.store().apply_and_wait(store::SetJobState{fixture.job, v1::PAUSED, "", kNow}).value();
  CHECK(open() == 1);
  fixture.store().apply_and_wait(store::SetJobState{fixture.job, v1::CANCELLED, "", kNow}).value();
  CHECK(open() == 3);
  InFlight::Asked more;
  more.count = 5;
  CHECK(fixture.store().first_open_prompt(fixture.submit(more)).value() == 0);
  CHECK_FALSE(fixture.store().first_open_prompt(99).ok());
}

TEST_CASE("the order of submission is a view's for good, and no snapshot's", "[publish][order]") {
  InFlight fixture(1);
  Publisher publisher = fixture.publisher();
  fixture.answered(0);
  v1::View snapshot = in_order();
  snapshot.set_shards(1);
  CHECK(says(publisher.publish("maths", snapshot, kNow).status(), "ordered by a hash, not by submission"));
  REQUIRE(publisher.publish("maths", plain(), kNow).ok());
  v1::View other = plain();
  other.set_complete_only(true);
  CHECK(says(publisher.publish("maths", other, kNow).status(), "without a set order"));
  REQUIRE(publisher.publish("maths", in_order(), kNow).ok());
  v1::View named;
  named.set_name("whole");
  CHECK(publisher.publish("maths", named, kNow).ok());
}
