#include "service/notary/notary.h"

#include "storage/proof/checkpoint.h"
#include "storage/proof/proof_check.h"
#include "tests/notary/store_fixture.h"

namespace harvest::notary {
namespace {

proof::Checkpoint opened(const std::string& note, char seed = 'k') {
  const auto open = proof::open_checkpoint(note, trusted(seed));
  INFO(open.status().message());
  REQUIRE(open.ok());
  return open->checkpoint;
}

}  // namespace

TEST_CASE("a checkpoint is of what the log has come to and kept before it is shown", "[notary]") {
  StoreFixture fixture;
  const auto notary = open_notary(fixture);
  CHECK(notary->checkpoint().note.empty());
  REQUIRE(notary->sign().ok());
  CHECK(opened(notary->checkpoint().note).size == 0);
  fixture.grow(3);
  CHECK(notary->checkpoint().size == 0);
  REQUIRE(notary->sign().ok());
  const Notary::Signed head = notary->checkpoint();
  CHECK(head.size == 3);
  CHECK(opened(head.note).root == fixture.store->log().root());
  CHECK(fixture.store->checkpoint() == head.note);
}

TEST_CASE("a restart shows the same checkpoint and goes on from it", "[notary]") {
  StoreFixture fixture;
  std::string first;
  {
    const auto notary = open_notary(fixture);
    fixture.grow(300);
    REQUIRE(notary->sign().ok());
    first = notary->checkpoint().note;
  }
  fixture.open();
  const auto notary = open_notary(fixture);
  CHECK(notary->checkpoint().note == first);
  REQUIRE(notary->sign().ok());
  CHECK(notary->checkpoint().note == first);
  fixture.grow(7);
  REQUIRE(notary->sign().ok());
  const proof::Checkpoint older = opened(first), newer = opened(notary->checkpoint().note);
  CHECK(proof::proves_consistency(older.size, older.root, newer.size, newer.root,
                                  fixture.store->log_consistency(300, 307).value()));
}

TEST_CASE("a store of before that is put back is not signed", "[notary]") {
  StoreFixture fixture;
  fixture.grow(5);
  REQUIRE(open_notary(fixture)->sign().ok());
  fixture.copy_store("older");
  fixture.grow(5);
  REQUIRE(open_notary(fixture)->sign().ok());
  fixture.swap_store("older");
  const auto refused = Notary::open(*fixture.store, {test_key()}, fixture.apart());
  CHECK(refused.status().code() == absl::StatusCode::kDataLoss);
  CHECK_THAT(std::string(refused.status().message()), Catch::Contains("has 5 entries") && Catch::Contains("for 10"));
  fixture.grown = 100;  // other entries than those that were lost
  fixture.grow(8);
  const auto forked = Notary::open(*fixture.store, {test_key()}, fixture.apart());
  CHECK_THAT(std::string(forked.status().message()), Catch::Contains("first 10 entries are not those"));
}

TEST_CASE("a checkpoint that cannot be kept apart is not shown and is signed again alike", "[notary]") {
  StoreFixture fixture;
  const auto notary = open_notary(fixture);
  fixture.grow(3);
  REQUIRE(std::filesystem::create_directory(fixture.apart()));
  CHECK_FALSE(notary->sign().ok());
  CHECK(notary->checkpoint().note.empty());
  const std::string kept = fixture.store->checkpoint();
  CHECK(opened(kept).size == 3);
  REQUIRE(std::filesystem::remove(fixture.apart()));
  REQUIRE(notary->sign().ok());
  CHECK(notary->checkpoint().note == kept);
}

TEST_CASE("a log that is another than was signed is never signed again", "[notary]") {
  StoreFixture fixture;
  fixture.grow(5);
  const proof::SignerKey key = test_key();
  const std::string forged = proof::signed_checkpoint({"log.example/l", 5, proof::sha256("another tree"), {}}, key);
  SECTION("found at the start") {
    REQUIRE(fixture.store->apply_and_wait(store::PutCheckpoint{5, forged}).ok());
    const auto refused = Notary::open(*fixture.store, {key}, fixture.apart());
    CHECK(refused.status().code() == absl::StatusCode::kDataLoss);
    CHECK_THAT(std::string(refused.status().message()), Catch::Contains("first 5 entries are not those"));
  }
  SECTION("a checkpoint that cannot be read is no beginning") {
    REQUIRE(fixture.store->apply_and_wait(store::PutCheckpoint{5, "nonsense"}).ok());
    CHECK(Notary::open(*fixture.store, {key}, fixture.apart()).status().code() == absl::StatusCode::kDataLoss);
  }
  SECTION("a larger one than the log") {
    const std::string larger = proof::signed_checkpoint({"log.example/l", 9, proof::sha256("x"), {}}, key);
    REQUIRE(fixture.store->apply_and_wait(store::PutCheckpoint{5, larger}).ok());
    const auto refused = Notary::open(*fixture.store, {key}, fixture.apart());
    CHECK_THAT(std::string(refused.status().message()), Catch::Contains("found an older store"));
  }
}

TEST_CASE("a log goes by one name for good", "[notary]") {
  StoreFixture fixture;
  REQUIRE(open_notary(fixture)->sign().ok());
  const auto refused = Notary::open(*fixture.store, {test_key('k', "log.example/other")}, fixture.apart());
  CHECK(refused.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK_THAT(std::string(refused.status().message()), Catch::Contains("expected log.example/l"));
}

TEST_CASE("while a key is changed both sign and the same size keeps its root", "[notary]") {
  StoreFixture fixture;
  fixture.grow(4);
  REQUIRE(open_notary(fixture)->sign().ok());
  const proof::Checkpoint before = opened(fixture.store->checkpoint());
  const auto notary = open_notary(fixture, {test_key('n'), test_key('k')});
  REQUIRE(notary->sign().ok());
  const std::string note = notary->checkpoint().note;
  CHECK(opened(note, 'k') == before);
  CHECK(opened(note, 'n') == before);
  fixture.grow(1);
  const auto later = open_notary(fixture, {test_key('n')});
  REQUIRE(later->sign().ok());
  CHECK(opened(later->checkpoint().note, 'n').size == 5);
  CHECK_FALSE(proof::open_checkpoint(later->checkpoint().note, trusted('k')).ok());
}

}  // namespace harvest::notary
