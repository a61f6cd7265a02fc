#include <catch2/catch.hpp>
#include <fstream>

#include "rig.h"
#include "storage/corpus/log_entry.h"
#include "storage/proof/proof_check.h"
#include "storage/store/database.h"
#include "storage/store/group.h"
#include "storage/store/state.h"

namespace harvest::store::test {
namespace {

/// `count` answered queries of a job of their own.
std::vector<Store::SequencedPair> harvest(Rig& rig, uint64_t count) {
  const uint64_t job = rig.job(count);
  std::vector<v1::Intent> intents;
  for (uint64_t k = 0; k < count; ++k) {
    intents.push_back(rig.intent(job, 0, k));
    rig->apply(rig.reserve(intents.back()), [](const auto&, const auto&) {});
  }
  rig.must(SetHalt{false, ""});
  for (const v1::Intent& intent : intents) {
    Settle settle = rig.settle(intent);
    settle.samples[0].pair.set_commit(std::string(32, static_cast<char>(intent.ordinal())));
    rig->apply(std::move(settle), [](const auto&, const auto&) {});
  }
  rig.must(SetHalt{false, ""});
  return rig->pairs("d", 0, count);
}

PutTeacher teacher(const std::string& licence) {
  PutTeacher put;
  put.teacher.set_name("t0");
  put.teacher.mutable_rights()->set_licence(licence);
  put.teacher.mutable_rights()->add_permits(v1::TRAINING);
  put.teacher.mutable_rights()->set_reviewed_by("somebody");
  return put;
}

/// Every entry is proved to be in the log, and each older size to be its beginning.
void check_proofs(Rig& rig, uint64_t step) {
  const proof::RightEdge log = rig->log();
  const uint64_t size = log.size();
  const auto entries = rig->log_entries(0, size);
  REQUIRE(entries.ok());
  proof::RightEdge grown;
  for (uint64_t i = 0; i < size; ++i) {
    if (i % step == 0) {
      const auto older = rig->log_consistency(i, size);
      REQUIRE(older.ok());
      REQUIRE(proof::proves_consistency(i, grown.root(), size, log.root(), *older));
      const auto inclusion = rig->log_inclusion(i, size);
      REQUIRE(inclusion.ok());
      REQUIRE(proof::proves_inclusion(proof::leaf_hash((*entries)[i]), i, size, *inclusion, log.root()));
    }
    grown.append(proof::leaf_hash((*entries)[i]));
  }
  REQUIRE(grown == log);
}

}  // namespace

TEST_CASE("a new store's log is empty and each pair appends its entry", "[store]") {
  Rig rig;
  rig.open();
  CHECK(rig->log().size() == 0);
  CHECK(rig->log().root() == proof::empty_root());
  rig.must(teacher("Apache-2.0"));
  const auto pairs = harvest(rig, 3);
  CHECK(rig->log().size() == 4);
  for (uint64_t i = 0; i < 3; ++i) {
    const v1::Pair& pair = pairs[i].pair;
    REQUIRE(pair.log_index() == static_cast<int64_t>(1 + i));
    CHECK(rig->log_entries(pair.log_index(), 1)->front() ==
          corpus::record_entry(pair.commit(), "Apache-2.0", pair.record_id(), "t0"));
  }
  CHECK(rig->log_entries(4, 1).status().code() == absl::StatusCode::kOutOfRange);
  CHECK(rig->log_entries(0, ~uint64_t{0}).status().code() == absl::StatusCode::kOutOfRange);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("proofs hold over a crash and a clean end", "[store]") {
  Rig rig;
  rig.open();
  harvest(rig, 700);
  const proof::RightEdge before = rig->log();
  CHECK(before.size() == 700);
  check_proofs(rig, 1);
  rig.crash();
  rig.open();
  CHECK(rig->log() == before);
  harvest(rig, 100);
  check_proofs(rig, 7);
  const auto consistent = rig->log_consistency(700, 800);
  REQUIRE(consistent.ok());
  CHECK(proof::proves_consistency(700, before.root(), 800, rig->log().root(), *consistent));
  rig.close();
  rig.open();
  check_proofs(rig, 7);
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("rights and versions append entries and changes that change nothing do not", "[store]") {
  Rig rig;
  rig.open();
  rig.must(teacher("Apache-2.0"));
  rig.must(teacher("Apache-2.0"));
  CHECK(rig->log().size() == 1);
  rig.must(teacher("MIT"));
  REQUIRE(rig->log().size() == 2);
  CHECK(
      rig->log_entries(1, 1)->front() ==
      R"({"expires_on":"","licence":"MIT","op":"policy","purposes":["training"],"self_attested":false,"teacher":"t0","terms_sha256":"","version":2})");
  harvest(rig, 2);
  rig.must(CloseSegment{"d", "size", 1});
  v1::View view;
  view.set_name("default");
  rig.must(AddView{"d", view});
  PublishVersion publish{"d", "default", {}, 1, "{}"};
  v1::Cut& cut = publish.cuts.emplace_back();
  cut.set_segment(1);
  cut.add_shards()->set_path("d-1-0-abc.jsonl.gz");
  publish.version = 2;
  CHECK(rig.fails(publish).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(rig->log().size() == 4);
  publish.version = 1;
  rig.must(publish);
  REQUIRE(rig->log().size() == 6);
  CHECK(rig->log_entries(4, 1)->front() ==
        R"({"bytes":0,"dataset":"d","op":"shard","path":"d-1-0-abc.jsonl.gz","rows":0,"sha256":"","view":"default"})");
  CHECK(
      rig->log_entries(5, 1)->front() ==
      R"({"dataset":"d","op":"manifest","sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","version":1,"view":"default"})");
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

namespace {

/// Rows of the closed store, changed.
void tamper(Rig& rig, const std::function<void(Group&)>& change) {
  auto database = Database::open(rig.options);
  REQUIRE(database.ok());
  State state;
  REQUIRE(state.load(**database).ok());
  Group group(**database, state);
  group.begin();
  change(group);
  group.must_sync();
  REQUIRE(group.write().ok());
}

}  // namespace

TEST_CASE("a command stands in the log before it is carried out and its author beside it", "[store]") {
  Rig rig;
  rig.open();
  const corpus::Command command{"Jobs/PauseJob", "j_1", "local:ana", "{}", "too dear", 1'700'000'000'000'000};
  const uint64_t index = rig.must(LogCommand{command, std::string(32, 's')}).number;
  CHECK(index == 0);
  rig.crash();
  rig.open();
  const std::string entry = rig->log_entries(0, 1)->front();
  CHECK(entry == corpus::command_entry(command, std::string(32, 's')));
  CHECK_THAT(entry, Catch::Contains("j_1") && !Catch::Contains("ana") && !Catch::Contains("dear"));
  CHECK(rig->logged_command(0) == corpus::command_record(command));
  CHECK_THAT(rig->logged_command(0), Catch::Contains("local:ana") && Catch::Contains("too dear"));
  CHECK(rig->logged_command(1).empty());
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("the newest checkpoint outlives a crash and none goes back", "[store]") {
  Rig rig;
  rig.open();
  CHECK(rig->checkpoint().empty());
  harvest(rig, 5);
  CHECK(rig.fails(PutCheckpoint{6, "too far"}).code() == absl::StatusCode::kFailedPrecondition);
  rig.must(PutCheckpoint{3, "three"});
  rig.must(PutCheckpoint{5, "five"});
  CHECK(rig.fails(PutCheckpoint{4, "back"}).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(rig->checkpoint() == "five");
  rig.crash();
  rig.open();
  CHECK(rig->checkpoint() == "five");
  rig.must(PutCheckpoint{5, "five, by another key"});
  CHECK(rig->checkpoint() == "five, by another key");
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("a store of before there was a log begins one", "[store]") {
  Rig rig;
  rig.open();
  harvest(rig, 300);
  rig.close();
  tamper(rig, [](Group& group) {
    group.remove_range(Family::kDefault, Key(keys::kEntry), Key(keys::kEntry + 1));
    group.remove_range(Family::kDefault, Key(keys::kTileHash), Key(keys::kTileHash + 1));
  });
  rig.open();
  CHECK(rig->log().size() == 0);
  const uint64_t job = rig.job(1);
  rig.must(rig.settle(rig.asked(job, 0)));
  CHECK(rig->log().size() == 1);
  CHECK(rig->pairs("d", 300, 1)[0].pair.log_index() == 0);
  rig.close();
}

TEST_CASE("an entry that is gone is found by its number", "[store]") {
  Rig rig;
  rig.open();
  harvest(rig, 10);
  rig.close();
  tamper(rig, [](Group& group) { group.remove(Family::kDefault, keys::entry(3)); });
  const absl::Status status = rig.try_open();
  CHECK(status.code() == absl::StatusCode::kDataLoss);
  CHECK_THAT(std::string(status.message()), Catch::Contains("no entry 3"));
}

TEST_CASE("an entry that is another is found by every proof", "[store]") {
  Rig rig;
  rig.open();
  harvest(rig, 300);
  const proof::RightEdge signed_before = rig->log();
  const std::string entry = rig->log_entries(7, 1)->front();
  rig.close();
  tamper(rig, [&](Group& group) {
    std::string other = entry;
    other[20] ^= 1;
    group.put(Family::kDefault, keys::entry(7), rocksdb::Slice(other));
  });
  rig.open();
  const auto inclusion = rig->log_inclusion(6, 300);
  REQUIRE(inclusion.ok());
  CHECK_FALSE(proof::proves_inclusion(proof::leaf_hash(rig->log_entries(6, 1)->front()), 6, 300, *inclusion,
                                      signed_before.root()));
  rig.close();
}

}  // namespace harvest::store::test
