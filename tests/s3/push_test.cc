#include <catch2/catch.hpp>
#include <cstdlib>

#include "client/cpp/held_version.h"
#include "client/s3/credentials.h"
#include "client/s3/dataset_pusher.h"
#include "storage/corpus/manifest.h"
#include "tests/corpus/temp_directory.h"
#include "tests/s3/fake_bucket.h"

using namespace harvest::s3;
namespace client = harvest::client;
namespace corpus = harvest::corpus;
namespace v1 = harvest::v1;

namespace {

/// A dataset of two shards, the second one in three parts, and the bucket it goes to.
struct Pushing {
  corpus::TempDirectory dir;
  FakeBucket fake;
  std::vector<std::chrono::milliseconds> pauses;
  Bucket bucket{fake, "corpora", [this](std::chrono::milliseconds time) { pauses.push_back(time); }};
  v1::Manifest manifest;

  Pushing() {
    manifest.set_dataset("sums");
    manifest.set_view("default");
    manifest.set_version(1);
    manifest.set_kind("append");
    manifest.set_format("jsonl");
    manifest.set_schema_sha256(std::string(64, '0'));
    manifest.set_created_at("2026-11-22T00:00:00.000000Z");
    add_shard("a.jsonl", "0123456789");
    add_shard("b.jsonl", std::string(10, 'x') + std::string(10, 'y') + "end");
  }
  void add_shard(const std::string& name, const std::string& bytes) {
    corpus::spill(dir.path() / name, bytes);
    v1::Shard& shard = *manifest.add_shards();
    shard.set_path(name);
    shard.set_bytes(bytes.size());
    shard.set_raw_bytes(bytes.size());
    shard.set_sha256(corpus::hex(corpus::sha256(bytes)));
    shard.set_raw_sha256(shard.sha256());
  }
  void grow() {
    manifest.set_parent_sha256(corpus::manifest_sha256(corpus::manifest_json(manifest)));
    manifest.set_version(manifest.version() + 1);
  }
  absl::StatusOr<PushReport> push_now() {
    PushPlan plan;
    plan.manifest = corpus::manifest_json(manifest);
    plan.sha256 = corpus::manifest_sha256(plan.manifest);
    plan.dataset = "sums";
    plan.view = "default";
    plan.place = {"corpora", "p"};
    plan.part_bytes = 10;
    plan.bring = [this](const v1::Shard& shard) { return (dir.path() / shard.path()).string(); };
    plan.check_follows = [sha256 = plan.sha256](const client::HeldVersion& held, const v1::Manifest& ours) {
      return held.check_follows(ours, sha256);
    };
    fake.asked.clear();
    return push(bucket, plan);
  }
  int puts() const {
    int puts = 0;
    for (const std::string& asked : fake.asked) puts += asked[0] == 'P' ? 1 : 0;
    return puts;
  }
};

}  // namespace

TEST_CASE("a version goes shard by shard and its manifest last", "[s3]") {
  Pushing c;
  const auto report = c.push_now();
  REQUIRE(report.ok());
  CHECK(report->bytes_sent == 33);
  CHECK(c.fake.objects["p/shards/b.jsonl"].bytes == std::string(10, 'x') + std::string(10, 'y') + "end");
  CHECK(c.fake.objects["p/shards/b.jsonl"].sha256 == c.manifest.shards(1).sha256());
  CHECK(c.fake.objects["p/manifests/1.json"].bytes == c.fake.objects["p/manifest.json"].bytes);
  CHECK(c.fake.asked.back() == "PUT p/manifest.json");
  const auto again = c.push_now();
  REQUIRE(again.ok());
  CHECK(again->kept == 2);
  CHECK(c.puts() == 0);
  c.grow();
  c.add_shard("c.jsonl", "new");
  CHECK(c.push_now()->bytes_sent == 3);
}

TEST_CASE("an older version or another history never replaces what stands", "[s3]") {
  Pushing c;
  const v1::Manifest first = c.manifest;
  c.grow();
  REQUIRE(c.push_now().ok());
  const std::string standing = c.fake.objects["p/manifest.json"].bytes;
  const v1::Manifest second = c.manifest;
  c.manifest = first;
  CHECK(c.push_now().status().code() == absl::StatusCode::kFailedPrecondition);
  c.manifest = second;
  c.manifest.set_created_at("2026-11-23T00:00:00.000000Z");
  CHECK(c.push_now().status().code() == absl::StatusCode::kFailedPrecondition);
  c.manifest = second;
  c.grow();
  c.manifest.set_parent_sha256(std::string(64, 'a'));
  CHECK(c.push_now().status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(c.fake.objects["p/manifest.json"].bytes == standing);
  CHECK(c.puts() == 0);
}

TEST_CASE("whoever puts a manifest meanwhile is not overwritten", "[s3]") {
  Pushing c;
  c.fake.before = [&](const Request& request) {
    if (request.method == "PUT" && request.key == "p/manifest.json") {
      c.fake.objects[request.key] = {"another", ""};
    }
    return Reply{};
  };
  CHECK(c.push_now().status().code() == absl::StatusCode::kAborted);
  CHECK(c.fake.objects["p/manifest.json"].bytes == "another");
}

TEST_CASE("a put whose reply was lost is found to have been done", "[s3]") {
  Pushing c;
  bool lost = false;
  c.fake.before = [&](const Request& request) {
    if (request.method != "PUT" || request.key != "p/shards/a.jsonl" || lost) {
      return Reply{};
    }
    lost = true;
    c.fake.objects[request.key] = {std::string(request.body), c.manifest.shards(0).sha256()};
    return FakeBucket::error(500, "InternalError");
  };
  REQUIRE(c.push_now().ok());
  CHECK(c.pauses.size() == 1);
}

TEST_CASE("an upload that nobody says was completed is none, and no manifest is put over it", "[s3]") {
  Pushing c;
  c.fake.before = [](const Request& request) {
    return request.method == "POST" && request.query.starts_with("uploadId=") ? Reply{200, {}, "<html>welcome</html>"}
                                                                              : Reply{};
  };
  CHECK_FALSE(c.push_now().ok());
  CHECK_FALSE(c.fake.objects.contains("p/manifest.json"));
}

TEST_CASE("a busy bucket is asked five times and then named", "[s3]") {
  Pushing c;
  c.fake.before = [](const Request&) { return FakeBucket::error(503, "SlowDown"); };
  const absl::Status status = c.push_now().status();
  CHECK(status.code() == absl::StatusCode::kUnavailable);
  CHECK(absl::StrContains(status.message(), "SlowDown"));
  CHECK(c.fake.asked.size() == 5);
  CHECK(c.pauses.back() == std::chrono::milliseconds(4000));
}

TEST_CASE("a bucket that refuses is named with its code", "[s3]") {
  Pushing c;
  const auto [http_status, code, expected] = GENERATE(table<int, std::string, absl::StatusCode>({
      {403, "AccessDenied", absl::StatusCode::kPermissionDenied},
      {400, "ExpiredToken", absl::StatusCode::kPermissionDenied},
      {404, "NoSuchBucket", absl::StatusCode::kNotFound},
      {501, "NotImplemented", absl::StatusCode::kUnimplemented},
      {400, "InvalidRequest", absl::StatusCode::kFailedPrecondition},
  }));
  c.fake.before = [&, http_status = http_status, code = code](const Request&) {
    return FakeBucket::error(http_status, code);
  };
  const absl::Status status = c.push_now().status();
  CHECK(status.code() == expected);
  CHECK(absl::StrContains(status.message(), code));
  CHECK(c.fake.asked.size() == 1);
}

TEST_CASE("a file that is not the manifest's is not put", "[s3]") {
  Pushing c;
  const std::string content = GENERATE(as<std::string>(), "012345678X", "012345678", "0123456789+");
  corpus::spill(c.dir.path() / "a.jsonl", content);
  CHECK(c.push_now().status().code() == absl::StatusCode::kDataLoss);
  CHECK(c.fake.objects.empty());
}

TEST_CASE("of a large file that is not the manifest's no object comes to be", "[s3]") {
  Pushing c;
  corpus::spill(c.dir.path() / "b.jsonl", std::string(23, 'z'));
  CHECK(c.push_now().status().code() == absl::StatusCode::kDataLoss);
  CHECK_FALSE(c.fake.objects.contains("p/shards/b.jsonl"));
  CHECK_FALSE(c.fake.objects.contains("p/manifest.json"));
}

TEST_CASE("other bytes under a shard's name are not overwritten", "[s3]") {
  Pushing c;
  c.fake.objects["p/shards/a.jsonl"] = {"0123456789", ""};  // put by somebody else: nothing says what it is
  CHECK(c.push_now().status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(c.puts() == 0);
}

TEST_CASE("keys come from the environment alone and are in no message", "[s3]") {
  unsetenv("AWS_SESSION_TOKEN");
  setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "very secret", 1);
  const absl::Status blank = credentials_from_environment().status();
  CHECK(blank.code() == absl::StatusCode::kInvalidArgument);
  CHECK_FALSE(absl::StrContains(blank.message(), "very"));
  setenv("AWS_SECRET_ACCESS_KEY", "secret/+", 1);
  REQUIRE(credentials_from_environment().ok());
  CHECK(credentials_from_environment()->session_token.empty());
  unsetenv("AWS_SECRET_ACCESS_KEY");
  CHECK(absl::StrContains(credentials_from_environment().status().message(), "AWS_SECRET_ACCESS_KEY"));
}
