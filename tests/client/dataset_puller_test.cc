#include "client/cpp/dataset_puller.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "storage/corpus/digest.h"
#include "storage/corpus/manifest.h"
#include "storage/corpus/verify.h"
#include "tests/client/fake_web.h"
#include "tests/client/prompt_files.h"

using namespace harvest::client;
namespace corpus = harvest::corpus;
namespace v1 = harvest::v1;

namespace {

/// A Datasets service that hands out one manifest, of one shard that FakeWeb has.
class FakeDatasets final : public v1::Datasets::Service {
 public:
  explicit FakeDatasets(const std::string& content, const std::string& http) {
    manifest.set_dataset("sums");
    manifest.set_view("default");
    manifest.set_version(1);
    manifest.set_kind("append");
    manifest.set_format("jsonl");
    manifest.set_schema_sha256(std::string(64, '0'));
    manifest.set_created_at("2026-11-22T00:00:00.000000Z");
    v1::Shard* shard = manifest.add_shards();
    shard->set_path("sums-000001-00.jsonl");
    shard->set_bytes(content.size());
    shard->set_raw_bytes(content.size());
    shard->set_sha256(corpus::hex(corpus::sha256(content)));
    shard->set_raw_sha256(shard->sha256());
    http_base = http;
  }
  grpc::Status GetManifest(grpc::ServerContext*, const v1::GetManifestRequest*, v1::ManifestReply* reply) override {
    reply->set_manifest(corpus::manifest_json(manifest));
    reply->set_sha256(sha256.empty() ? corpus::manifest_sha256(reply->manifest()) : sha256);
    reply->set_http_base(http_base);
    return grpc::Status::OK;
  }
  v1::Manifest manifest;
  std::string http_base;
  std::string sha256;  ///< said instead of the right one
};

struct Pulling {
  TempDir dir;
  std::string content = std::string(1000, 'x') + "\n";
  FakeWeb web{content, "\"sha256-" + corpus::hex(corpus::sha256(content)) + "\""};
  FakeDatasets datasets{content, web.url() + "/"};
  std::unique_ptr<grpc::Server> server;
  PullPlan plan{.dataset = "sums", .directory = dir.path("out")};

  Pulling() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&datasets);
    server = builder.BuildAndStart();
  }
  ~Pulling() { server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5)); }
  absl::StatusOr<PullReport> pull_now() {
    HarvestClient client(server->InProcessChannel(grpc::ChannelArguments()), "the fake");
    return pull(client, plan);
  }
  bool exists(const std::string& name) const { return std::filesystem::exists(plan.directory + "/" + name); }
};

}  // namespace

TEST_CASE("a version is pulled whole and a second time moves nothing", "[client]") {
  Pulling c;
  const auto first = c.pull_now();
  REQUIRE(first.ok());
  CHECK(first->shards == 1);
  CHECK(first->bytes_moved == c.content.size());
  CHECK(c.exists("manifest.json"));
  CHECK(c.exists("receipt.json"));
  CHECK(c.exists("shards/sums-000001-00.jsonl"));
  const auto second = c.pull_now();
  REQUIRE(second.ok());
  CHECK(second->kept == 1);
  CHECK(second->bytes_moved == 0);
}

TEST_CASE("a manifest stands only where its shards do", "[client]") {
  Pulling c;
  c.web.status = 404;
  CHECK_FALSE(c.pull_now().ok());
  CHECK_FALSE(c.exists("manifest.json"));
  c.web.status = 0;
  CHECK(c.pull_now().ok());
  CHECK(c.exists("manifest.json"));
}

TEST_CASE("a manifest that is not what its hash says is not followed", "[client]") {
  Pulling c;
  c.datasets.sha256 = std::string(64, 'a');
  CHECK(c.pull_now().status().code() == absl::StatusCode::kDataLoss);
  CHECK_FALSE(c.exists("shards"));
}

TEST_CASE("a directory of another dataset is left alone", "[client]") {
  Pulling c;
  REQUIRE(c.pull_now().ok());
  c.plan.dataset = "others";
  const auto pulled = c.pull_now();
  CHECK(pulled.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(pulled.status().message()).find("found the dataset sums (view default)") != std::string::npos);
}

TEST_CASE("a service without an HTTP face is said to have none", "[client]") {
  Pulling c;
  c.datasets.http_base.clear();
  CHECK(c.pull_now().status().code() == absl::StatusCode::kFailedPrecondition);
}
