#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>

#include "rig.h"
#include "rocksdb/db.h"

namespace harvest::store::test {
namespace {

using Bands = std::vector<std::vector<uint64_t>>;

struct Indexed : Rig {
  Indexed() {
    open();
    const uint64_t number = job(6);
    for (uint64_t i = 0; i < 4; ++i) must(settle(asked(number, i)));
    must(settle(asked(number, 4), "an answer", "other"));
  }
  uint64_t number(const char* name = "d") { return (*this)->dataset(name)->number(); }
  /// Heads, by sequence number: "r_a signature".
  std::map<uint64_t, std::string> heads(const char* name = "d") {
    std::map<uint64_t, std::string> told;
    for (const NearHead& head : (*this)->near_heads(number(name), {0, 1, 2, 3}))
      told[head.sequence] = head.record_id + " " + head.signature;
    return told;
  }
};

PutLabels labels(uint64_t first, size_t count, NearRows near, const std::string& rules = "a/1",
                 const std::string& dataset = "d") {
  return {dataset, rules, first, std::vector<v1::PairLabels>(count), std::move(near)};
}

/// Longer than a key that stands in place, with bytes that are no text.
const std::string kSignature = std::string(127, '\xFE') + '\0';

}  // namespace

TEST_CASE("the index of near-duplicates comes with the labels and over a restart and a crash", "[store][near]") {
  Indexed rig;
  CHECK(rig->near_bands(rig.number(), {7, 8}) == Bands{{}, {}});
  CHECK(rig.heads().empty());
  rig.must(labels(0, 2, {"n/1", {{0, "r_a", kSignature}, {1, "r_b", ""}}, {{7, {0}}, {9, {0, 1}}}}));
  rig.must(labels(2, 1, {"n/1", {}, {{7, {0, 2}}}}));
  rig.must(labels(0, 1, {"n/1", {{0, "r_c", "c"}}, {{7, {0}}}}, "a/1", "other"));
  SECTION("as it stands") {}
  SECTION("after a clean end") {
    rig.close();
    rig.open();
  }
  SECTION("after a crash") {
    rig.crash();
    rig.open();
  }
  CHECK(rig->near_bands(rig.number(), {7, 8, 9, 7}) == Bands{{0, 2}, {}, {0, 1}, {0, 2}});
  CHECK(rig.heads() == std::map<uint64_t, std::string>{{0, "r_a " + kSignature}, {1, "r_b "}});
  CHECK(rig.heads("other") == std::map<uint64_t, std::string>{{0, "r_c c"}});
  CHECK(rig->dataset("d")->cluster_rule() == "n/1");
  CHECK(rig->dataset("d")->clustered() == 3);
  CHECK(rig->dataset("other")->clustered() == 1);
  CHECK(rig->near_bands(rig.number(), {}).empty());
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("labels that are made anew leave the index and another rule or none empties it", "[store][near]") {
  Indexed rig;
  rig.must(labels(0, 3, {"n/1", {{0, "r_a", "a"}}, {{7, {0}}}}));
  rig.must(labels(0, 1, {"n/1", {{0, "r_c", "c"}}, {{7, {0}}}}, "a/1", "other"));
  SECTION("other rules of labels") {
    rig.must(labels(0, 2, {"n/1"}, "a/2"));
    CHECK(rig->dataset("d")->labelled() == 2);
    CHECK(rig->dataset("d")->clustered() == 3);
    CHECK(rig->near_bands(rig.number(), {7}) == Bands{{0}});
    rig.must(labels(2, 2, {"n/1"}, "a/2"));
    CHECK(rig->dataset("d")->clustered() == 4);
  }
  SECTION("another rule of near-duplicates") {
    CHECK(rig.fails(labels(3, 1, {"n/2", {{3, "r_d", "d"}}})).code() == absl::StatusCode::kFailedPrecondition);
    rig.must(labels(0, 2, {"n/2", {{1, "r_b", "b"}}, {{8, {1}}}}, "a/2"));
    CHECK(rig->near_bands(rig.number(), {7, 8}) == Bands{{}, {1}});
    CHECK(rig.heads() == std::map<uint64_t, std::string>{{1, "r_b b"}});
    CHECK(rig->dataset("d")->clustered() == 2);
  }
  SECTION("none") {
    CHECK(rig.fails(labels(3, 1, {})).code() == absl::StatusCode::kFailedPrecondition);
    rig.must(labels(0, 2, {}, "a/2"));
    CHECK(rig->near_bands(rig.number(), {7}) == Bands{{}});
    CHECK(rig.heads().empty());
    CHECK(rig->dataset("d")->cluster_rule().empty());
    CHECK(rig->dataset("d")->clustered() == 0);
  }
  CHECK(rig.heads("other") == std::map<uint64_t, std::string>{{0, "r_c c"}});
  CHECK(rig->near_bands(rig.number("other"), {7}) == Bands{{0}});
}

TEST_CASE("a store of before near-duplicates were looked for opens as it is", "[store][near]") {
  Indexed rig;
  rig.close();
  {
    std::vector<std::string> names;
    REQUIRE(rocksdb::DB::ListColumnFamilies({}, rig.options.path, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::Open({}, rig.options.path, families, &handles, &opened).ok());
    const std::unique_ptr<rocksdb::DB> database(opened);
    const auto near = std::find(names.begin(), names.end(), "near") - names.begin();
    REQUIRE(near < static_cast<std::ptrdiff_t>(names.size()));
    CHECK(database->DropColumnFamily(handles[static_cast<size_t>(near)]).ok());
    for (rocksdb::ColumnFamilyHandle* handle : handles) database->DestroyColumnFamilyHandle(handle);
  }
  rig.open();
  CHECK(rig->dataset("d")->pairs() == 4);
  CHECK(rig->dataset("d")->clustered() == 0);
  rig.must(labels(0, 1, {"n/1", {{0, "r_a", "a"}}, {{7, {0}}}}));
  CHECK(rig->near_bands(rig.number(), {7}) == Bands{{0}});
}

}  // namespace harvest::store::test
