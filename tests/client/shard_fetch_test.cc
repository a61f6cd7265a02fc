#include "client/cpp/shard_fetch.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "storage/corpus/digest.h"
#include "tests/client/fake_web.h"
#include "tests/client/prompt_files.h"

using namespace harvest::client;
namespace corpus = harvest::corpus;

namespace {

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

struct Fetching {
  TempDir dir;
  std::string content = std::string(300000, 'a') + "end";
  std::string sha256 = corpus::hex(corpus::sha256(content));
  FakeWeb web{content, "\"sha256-" + sha256 + "\""};
  ShardFetch shard{web.url(), dir.path("shard"), sha256, content.size()};
};

}  // namespace

TEST_CASE("a shard is fetched once and kept when it is there", "[client]") {
  Fetching c;
  const auto fetched = fetch_shard(c.shard);
  REQUIRE(fetched.ok());
  CHECK(fetched->bytes_moved == c.content.size());
  CHECK(read(c.shard.path) == c.content);
  CHECK_FALSE(std::filesystem::exists(c.shard.path + ".part"));
  CHECK(fetch_shard(c.shard)->kept);
  CHECK(c.web.requests().size() == 1);
}

TEST_CASE("an interrupted download goes on where it stopped", "[client]") {
  Fetching c;
  c.web.cut_after = 100000;
  const auto fetched = fetch_shard(c.shard);
  REQUIRE(fetched.ok());
  CHECK(read(c.shard.path) == c.content);
  REQUIRE(c.web.requests().size() == 2);
  CHECK(c.web.requests()[1].find("Range: bytes=100000-") != std::string::npos);
  CHECK(c.web.requests()[1].find("If-Range: \"sha256-" + c.sha256 + "\"") != std::string::npos);
}

TEST_CASE("what another run left is used if it is right and thrown away if not", "[client]") {
  Fetching right;
  right.dir.file("shard.part", right.content.substr(0, 299999));
  CHECK(fetch_shard(right.shard)->bytes_moved == 4);
  CHECK(read(right.shard.path) == right.content);
  Fetching wrong;
  wrong.dir.file("shard.part", std::string(1000, 'z'));
  REQUIRE(fetch_shard(wrong.shard).ok());
  CHECK(read(wrong.shard.path) == wrong.content);
  Fetching damaged;
  damaged.dir.file("shard", std::string(damaged.content.size(), 'z'));
  CHECK_FALSE(fetch_shard(damaged.shard)->kept);
  CHECK(read(damaged.shard.path) == damaged.content);
}

TEST_CASE("bytes that are not the manifest's never get the shard's name", "[client]") {
  Fetching c;
  c.shard.sha256 = corpus::hex(corpus::sha256("something else"));
  CHECK(fetch_shard(c.shard).status().code() == absl::StatusCode::kDataLoss);
  CHECK_FALSE(std::filesystem::exists(c.shard.path));
  Fetching longer;
  longer.shard.bytes -= 1;
  CHECK(fetch_shard(longer.shard).status().code() == absl::StatusCode::kDataLoss);
  CHECK_FALSE(std::filesystem::exists(longer.shard.path));
}

TEST_CASE("a server that has no shard or is not there is told apart", "[client]") {
  Fetching c;
  c.web.status = 404;
  CHECK(fetch_shard(c.shard).status().code() == absl::StatusCode::kNotFound);
  c.web.status = 500;
  CHECK(fetch_shard(c.shard).status().code() == absl::StatusCode::kUnavailable);
  c.shard.url = "http://127.0.0.1:1/shard";
  CHECK(fetch_shard(c.shard).status().code() == absl::StatusCode::kUnavailable);
  CHECK_FALSE(std::filesystem::exists(c.shard.path));
}
