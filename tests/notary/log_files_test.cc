#include "service/notary/log_files.h"

#include "storage/proof/tile.h"
#include "tests/notary/store_fixture.h"

namespace harvest::notary {

TEST_CASE("the log's files are those of its signed size and no more", "[notary]") {
  StoreFixture fixture;
  const auto notary = open_notary(fixture);
  CHECK(log_file(*fixture.store, *notary, "checkpoint").status().code() == absl::StatusCode::kNotFound);
  fixture.grow(300);
  REQUIRE(notary->sign().ok());
  fixture.grow(10);  // not signed yet
  CHECK(log_file(*fixture.store, *notary, "checkpoint").value() == notary->checkpoint().note);
  for (const proof::Tile& tile : proof::tiles(300))
    CHECK(log_file(*fixture.store, *notary, proof::tile_path(tile)).value().size() == tile.width * 32);
  // What a client verified at an earlier size is still there.
  CHECK(log_file(*fixture.store, *notary, "tile/0/000.p/5").value().size() == 160);
  CHECK(log_file(*fixture.store, *notary, "tile/0/001.p/44").ok());
  for (const char* path : {"tile/0/001.p/45", "tile/0/001", "tile/0/002.p/1", "tile/1/000", "tile/2/000.p/1", "",
                           "tile", "tile/0/1", "checkpoint/", "tile/entries/001.p/45"})
    CHECK(log_file(*fixture.store, *notary, path).status().code() == absl::StatusCode::kNotFound);
  const std::string bundle = log_file(*fixture.store, *notary, "tile/entries/001.p/44").value();
  const auto entries = proof::read_bundle(bundle, 44).value();
  CHECK(entries[43] == fixture.store->log_entries(299, 1)->front());
  // Every tile is what its bundle makes.
  std::string hashes;
  for (const std::string_view entry : entries) hashes += proof::bytes_of(proof::leaf_hash(entry));
  CHECK(hashes == log_file(*fixture.store, *notary, "tile/0/001.p/44").value());
}

TEST_CASE("an entry is proved at once also where it is not signed yet", "[notary]") {
  StoreFixture fixture;
  const auto notary = open_notary(fixture);
  fixture.grow(20);
  const auto file = prove_entry(*fixture.store, *notary, 19);
  REQUIRE(file.ok());
  CHECK(file->extra == fixture.store->log_entries(19, 1)->front());
  const auto read = proof::parse_inclusion_file(proof::inclusion_file_text(*file)).value();
  CHECK(proof::check_inclusion(read, *read.extra, trusted()).value().checkpoint.size == 20);
  CHECK(prove_entry(*fixture.store, *notary, 20).status().code() == absl::StatusCode::kOutOfRange);
}

}  // namespace harvest::notary
