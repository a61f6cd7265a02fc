#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::asks;
using flow::test::error;
using flow::test::HarvestRig;

namespace {

v1::Prompt talk(const std::string& name, int turns) {
  v1::Prompt prompt;
  for (int turn = 0; turn < turns; ++turn) {
    v1::Message* message = turn == 0 ? prompt.add_messages() : prompt.add_later_turns();
    message->set_role("user");
    message->set_content(name + " asks " + std::to_string(turn));
  }
  return prompt;
}

std::vector<v1::Prompt> talks(int count, int turns) {
  std::vector<v1::Prompt> all;
  for (int i = 0; i < count; ++i) all.push_back(talk("talk " + std::to_string(i), turns));
  return all;
}

std::string submitted(HarvestRig& rig, const v1::Job& job, const std::vector<v1::Prompt>& lines) {
  const auto id = rig.try_submit_lines(job, lines);
  INFO(id.status());
  REQUIRE(id.ok());
  return *id;
}

/// Says what turn it was asked, from how much was said before: "reply 1".
dialect::HttpExchange reply(const dialect::HttpRequest& request, int = 0) {
  int said = 0;
  for (size_t at = request.body.find("\"assistant\""); at != std::string::npos;
       at = request.body.find("\"assistant\"", at + 1))
    ++said;
  return answer("reply " + std::to_string(said));
}

dialect::HttpExchange cut_off() {
  dialect::HttpExchange exchange = answer("half of");
  const std::string stop = "\"stop\"";
  exchange.body.replace(exchange.body.find(stop), stop.size(), "\"length\"");
  return exchange;
}

/// By prompt and turn; CHECKs that every one is there once and names the records before it.
std::map<std::pair<uint64_t, uint32_t>, v1::Pair> by_turn(const std::vector<v1::Pair>& pairs) {
  std::map<std::pair<uint64_t, uint32_t>, v1::Pair> all;
  for (const v1::Pair& pair : pairs) CHECK(all.emplace(std::make_pair(pair.prompt(), pair.turn()), pair).second);
  for (const auto& [place, pair] : all) {
    REQUIRE(pair.parent_record_ids_size() == static_cast<int>(pair.turn()));
    for (uint32_t turn = 0; turn < pair.turn(); ++turn)
      CHECK(pair.parent_record_ids(static_cast<int>(turn)) == all.at({place.first, turn}).record_id());
  }
  return all;
}

}  // namespace

TEST_CASE("each turn is asked after the answer to the one before it, with all that was said", "[flow][turns]") {
  HarvestRig rig(reply);
  v1::Job job = HarvestRig::job();
  job.set_system("Be brief.");
  const v1::JobStatus done = rig.await(submitted(rig, job, talks(20, 3)), v1::FINISHED);
  const v1::JobCounters& counters = done.record().counters();
  CHECK(counters.queries() == 60);
  CHECK(counters.answered() == 60);
  CHECK(counters.attempts() == 60);
  CHECK(counters.unasked() == 0);
  CHECK(by_turn(rig.pairs()).size() == 60);
  for (const auto& request : rig.transport().requests()) {
    if (request.body.find("talk 7 asks 2") == std::string::npos) continue;
    const auto at = [&](const std::string& text) { return request.body.find(text); };
    CHECK(at("Be brief.") < at("talk 7 asks 0"));
    CHECK(at("talk 7 asks 0") < at("reply 0"));
    CHECK(at("reply 0") < at("talk 7 asks 1"));
    CHECK(at("talk 7 asks 1") < at("reply 1"));
    CHECK(at("reply 1") < at("talk 7 asks 2"));
  }
}

TEST_CASE("samples of a conversation go each their own way", "[flow][turns]") {
  v1::Teacher with_n = HarvestRig::teacher("t");
  with_n.set_profile("openai");  // speaks `n`
  HarvestRig rig(reply, {with_n});
  v1::Job job = HarvestRig::job();
  job.set_samples(3);
  const auto counters = rig.await(submitted(rig, job, talks(4, 2)), v1::FINISHED).record().counters();
  CHECK(counters.queries() == 24);
  CHECK(counters.answered() == 24);
  CHECK(counters.attempts() == 24);
  std::set<std::tuple<uint64_t, uint32_t, uint32_t>> places;
  for (const v1::Pair& pair : rig.pairs()) places.emplace(pair.prompt(), pair.sample(), pair.turn());
  CHECK(places.size() == 24);
}

TEST_CASE("a conversation ends behind an answer that is not whole and its other turns are counted", "[flow][turns]") {
  HarvestRig rig([](const auto& request, int) {
    if (asks(request, "cut asks 1")) return cut_off();
    if (asks(request, "empty asks 0")) return answer("");
    if (asks(request, "bad asks 1")) return error(400, "invalid_request_error");
    return reply(request);
  });
  const std::string id =
      submitted(rig, HarvestRig::job(), {talk("cut", 4), talk("whole", 2), talk("empty", 3), talk("bad", 4)});
  const auto counters = rig.await(id, v1::FINISHED).record().counters();
  CHECK(counters.queries() == 13);
  CHECK(counters.answered() == 2 + 2 + 1 + 1);
  CHECK(counters.truncated() == 1);
  CHECK(counters.rejected() == 1);
  CHECK(counters.unasked() == 2 + 2 + 2);
  REQUIRE(rig.endings(id).size() == 1);
  CHECK(rig.endings(id)[0].turn() == 1);
}

TEST_CASE("a retry takes a conversation up at the turn that got no answer", "[flow][turns]") {
  std::atomic<bool> well = false;
  HarvestRig rig([&well](const auto& request, int) {
    return !well && asks(request, "asks 1") ? error(400, "invalid_request_error") : reply(request);
  });
  const std::string id = submitted(rig, HarvestRig::job(), talks(3, 3));
  CHECK(rig.await(id, v1::FINISHED).record().counters().unasked() == 3);
  well = true;
  rig.transport().forget_requests();
  REQUIRE(rig.control().retry_job(id).ok());
  const auto counters = rig.await(id, v1::FINISHED).record().counters();
  CHECK(counters.answered() == 9);
  CHECK(counters.unasked() == 0);
  CHECK(rig.transport().requests().size() == 6);  // the second and third turns alone
  CHECK(by_turn(rig.pairs()).size() == 9);
}

TEST_CASE("a conversation that is known is not asked again, turn by turn", "[flow][turns]") {
  HarvestRig rig(reply);
  rig.await(submitted(rig, HarvestRig::job(), talks(5, 2)), v1::FINISHED);
  rig.transport().forget_requests();
  v1::Job again = HarvestRig::job();
  again.set_dataset("second");
  const auto counters = rig.await(submitted(rig, again, talks(5, 3)), v1::FINISHED).record().counters();
  CHECK(counters.reused() == 10);
  CHECK(counters.answered() == 15);
  CHECK(rig.transport().requests().size() == 5);  // the turn that is new
  CHECK(by_turn(rig.pairs("second")).size() == 15);

  SECTION("nor are twins in one job") {
    v1::Job twins = HarvestRig::job();
    twins.set_dataset("twins");
    const auto both =
        rig.await(submitted(rig, twins, {talk("twin", 3), talk("twin", 3)}), v1::FINISHED).record().counters();
    CHECK(both.answered() == 6);
    CHECK(both.reused() == 3);
    CHECK(by_turn(rig.pairs("twins")).size() == 6);
  }
}

TEST_CASE("a crash in the middle of conversations loses and doubles no turn", "[flow][turns]") {
  HarvestRig rig(reply);
  rig.on_lane([&] { rig.transport().hold = true; });
  const std::string id = submitted(rig, HarvestRig::job(), talks(6, 3));
  rig.await_on_lane([&] { return rig.transport().in_flight == 6; });
  rig.on_lane([&] { rig.transport().release(); });
  rig.await_on_lane([&] { return rig.transport().in_flight == 6 && rig.pairs().size() == 6; });  // second turns are out
  rig.restart_after_crash({HarvestRig::teacher("t", "m")});
  const auto counters = rig.await(id, v1::FINISHED).record().counters();
  CHECK(counters.answered() == 18);
  CHECK(counters.unasked() == 0);
  CHECK(by_turn(rig.pairs()).size() == 18);
}

TEST_CASE("a conversation is held with one teacher", "[flow][turns]") {
  HarvestRig rig(reply, {HarvestRig::teacher("t"), HarvestRig::teacher("u", "n")});
  v1::Job spread = HarvestRig::job({"t", "u"});
  spread.set_ask(v1::SPREAD);
  const auto refused = rig.try_submit_lines(spread, talks(1, 2));
  CHECK(absl::IsInvalidArgument(refused.status()));
  CHECK(refused.status().message().find("turns: found beside ask: spread") == 0);
  spread.set_ask(v1::EACH);
  const auto counters = rig.await(submitted(rig, spread, talks(4, 2)), v1::FINISHED).record().counters();
  CHECK(counters.answered() == 16);
  std::map<std::string, std::string> teacher_of;
  for (const v1::Pair& pair : rig.pairs()) teacher_of[pair.record_id()] = pair.teacher();
  for (const v1::Pair& pair : rig.pairs())
    for (const std::string& parent : pair.parent_record_ids()) CHECK(teacher_of[parent] == pair.teacher());
}
