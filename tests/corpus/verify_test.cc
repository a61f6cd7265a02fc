#include "storage/corpus/verify.h"

#include <catch2/catch.hpp>

#include "tests/corpus/dataset_fixture.h"

using namespace harvest;
using namespace harvest::corpus;

namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a directory that holds what its manifest promises is verified", "[corpus]") {
  for (ShardFormat format :
       {ShardFormat::kJsonl, ShardFormat::kJsonlGz, ShardFormat::kJsonlZst, ShardFormat::kWebdataset}) {
    DatasetFixture dataset(format);
    dataset.add_shard(dataset.lines(40));
    dataset.add_shard(dataset.lines(2));
    const VerifyReport report = dataset.verify();
    for (const Problem& problem : report.problems) UNSCOPED_INFO(problem.text());
    CHECK(report.ok());
    CHECK(report.shards == 2);
    CHECK(report.rows == 42);
    CHECK(report.manifest.dataset() == "sums");
    CHECK(report.manifest_sha256 == manifest_sha256(slurp(dataset.path() / "manifest.json")));
  }
}

TEST_CASE("shards beside the manifest are found too", "[corpus]") {
  DatasetFixture dataset;
  const auto shard = dataset.add_shard(dataset.lines(2));
  std::filesystem::rename(shard, dataset.path() / shard.filename());
  CHECK(dataset.verify().ok());
}

TEST_CASE("damage to a shard is found", "[corpus]") {
  DatasetFixture dataset;
  const auto shard = dataset.add_shard(dataset.lines(20));
  const std::string bytes = slurp(shard);
  SECTION("a flipped byte anywhere") {
    for (size_t at = 0; at < bytes.size(); at += 7) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
      spill(shard, flipped);
      INFO("byte " << at);
      CHECK_FALSE(dataset.verify().ok());
    }
  }
  SECTION("a missing shard") {
    std::filesystem::remove(shard);
    CHECK(dataset.finds("the shard is missing"));
  }
  SECTION("a truncated shard") {
    spill(shard, bytes.substr(0, bytes.size() / 2));
    CHECK_FALSE(dataset.verify().ok());
    CHECK(dataset.finds("bytes: found " + std::to_string(bytes.size() / 2)));
  }
}

TEST_CASE("a row too many is found with the figures that differ", "[corpus]") {
  DatasetFixture dataset(ShardFormat::kJsonl);
  const auto shard = dataset.add_shard(dataset.lines(3));
  spill(shard, slurp(shard) + dataset.lines(1)[0] + "\n");
  CHECK(dataset.finds("rows: found 4, the manifest says 3"));
  CHECK(dataset.finds("raw_sha256"));
  CHECK(dataset.finds("last_id: found r_1003, the manifest says r_1002"));
}

TEST_CASE("a line whose columns are not the schema's is found with its number", "[corpus]") {
  // The shard is sealed with the bad line, so that hashes agree and only the line's check can find it.
  DatasetFixture dataset(ShardFormat::kJsonl);
  std::vector<std::string> lines = dataset.lines(3);
  const auto with_second = [&](std::string line) {
    lines[1] = std::move(line);
    dataset.add_shard(lines);
  };
  SECTION("a wrong type") {
    with_second(replaced(lines[1], "\"seed\":11", "\"seed\":\"11\""));
    CHECK(dataset.finds("column seed: found a text, expected int64", 2));
  }
  SECTION("null") {
    with_second(replaced(lines[1], "\"lang\":\"\"", "\"lang\":null"));
    CHECK(dataset.finds("column lang: found null, expected string", 2));
  }
  SECTION("a missing column") {
    with_second(replaced(lines[1], "\"lang\":\"\",", ""));
    CHECK(dataset.finds("column lang is missing", 2));
  }
  SECTION("a column too many") {
    with_second(replaced(lines[1], "\"lang\":", "\"extra\":1,\"lang\":"));
    CHECK(dataset.finds("more columns", 2));
  }
  SECTION("a whole number where a real one belongs") {
    with_second(replaced(lines[1], "\"agreement\":-1.0", "\"agreement\":-1"));
    CHECK(dataset.finds("column agreement: found a whole number, expected float64", 2));
  }
  SECTION("a message without its content") {
    with_second(replaced(lines[1], "\"content\":\"2+2?\",", ""));
    CHECK(dataset.finds("message 1 has no content", 2));
  }
  SECTION("not JSON") {
    with_second("{");
    CHECK(dataset.finds("not a JSON object", 2));
  }
  SECTION("another teacher than the shard is listed under") {
    with_second(replaced(lines[1], "\"teacher_id\":\"qwen\"", "\"teacher_id\":\"llama\""));
    CHECK(dataset.finds("teacher llama", 2));
  }
  SECTION("a row twice") {
    with_second(lines[0]);
    CHECK(dataset.finds("the sequence does not rise", 2));
  }
}

TEST_CASE("a manifest that cannot be trusted is a problem of its own", "[corpus]") {
  DatasetFixture dataset;
  dataset.add_shard(dataset.lines(2));
  SECTION("missing") {
    std::filesystem::remove(dataset.path() / "manifest.json");
    CHECK_FALSE(dataset.verify().ok());
  }
  SECTION("not JSON") {
    spill(dataset.path() / "manifest.json", "{");
    CHECK(dataset.finds("not JSON"));
  }
  SECTION("a sum of rows that does not add up") {
    dataset.manifest.set_rows(3);
    dataset.write_manifest();
    CHECK(dataset.finds("rows of all shards: found 2, the manifest says 3"));
  }
  SECTION("another schema") {
    dataset.manifest.set_schema_sha256("00");
    dataset.write_manifest();
    CHECK(dataset.finds("another column list"));
  }
}

TEST_CASE("shards of before a column was added are verified by the columns of their time", "[corpus]") {
  DatasetFixture dataset(ShardFormat::kJsonl);
  std::vector<std::string> old = dataset.lines(4);
  for (std::string& line : old) line = replaced(line, ",\"teacher_epoch\":-1,\"labels\":\"\",\"label_rules\":\"\"", "");
  SECTION("beside newer ones in one manifest") {
    dataset.add_shard(old);
    dataset.add_shard(dataset.lines(2));
    CHECK(dataset.verify().ok());
  }
  SECTION("in a manifest of their time") {
    dataset.add_shard(old);
    dataset.manifest.set_schema_sha256("7a90de564f91821b5f8e0d44f0c30e34061605c1e5bd7aea44335dbfa56b6ea1");
    dataset.write_manifest();
    CHECK(dataset.verify().ok());
  }
  SECTION("and newer lines have no place in such a manifest") {
    dataset.add_shard(dataset.lines(2));
    dataset.manifest.set_schema_sha256("7a90de564f91821b5f8e0d44f0c30e34061605c1e5bd7aea44335dbfa56b6ea1");
    dataset.write_manifest();
    CHECK(dataset.finds("found 69 columns, expected 66 at most, as the manifest's schema has", 1));
  }
  SECTION("nor among older lines of one shard") {
    old[2] = dataset.lines(1)[0];
    dataset.add_shard(old);
    CHECK(dataset.finds("found 69 columns, expected 66, as the shard's first line has", 3));
  }
  SECTION("and a mistake in one is found all the same") {
    old[1] = replaced(old[1], "\"lang\":\"\"", "\"lang\":null");
    dataset.add_shard(old);
    CHECK(dataset.finds("column lang: found null, expected string", 2));
  }
}

TEST_CASE("a file full of mistakes is described by its first ones and counted whole", "[corpus]") {
  DatasetFixture dataset(ShardFormat::kJsonl);
  std::vector<std::string> lines = dataset.lines(300);
  for (std::string& line : lines) line = replaced(line, "\"seed\":11", "\"seed\":\"11\"");
  dataset.add_shard(lines);
  const VerifyReport report = dataset.verify();
  CHECK(report.problems.size() == 100);
  CHECK(report.problems_total == 300);
}
