#include "client/cpp/dataset_puller.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>

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
  grpc::Status GetManifest(grpc::ServerContext*, const v1::GetManifestRequest* request,
                           v1::ManifestReply* reply) override {
    const uint64_t version = request->version() == 0 ? manifest.version() : request->version();
    reply->set_manifest(version == manifest.version() ? corpus::manifest_json(manifest) : earlier.at(version));
    reply->set_sha256(sha256.empty() ? corpus::manifest_sha256(reply->manifest()) : sha256);
    reply->set_http_base(http_base);
    return grpc::Status::OK;
  }
  /// The next version, of the same shards.
  void grow() {
    earlier[manifest.version()] = corpus::manifest_json(manifest);
    manifest.set_parent_sha256(corpus::manifest_sha256(earlier[manifest.version()]));
    manifest.set_version(manifest.version() + 1);
  }
  v1::Manifest manifest;
  std::map<uint64_t, std::string> earlier;
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

TEST_CASE("a version that merged the shards of before takes over and prunes what it replaced", "[client]") {
  Pulling c;
  REQUIRE(c.pull_now().ok());
  c.datasets.grow();
  c.datasets.manifest.set_kind("rewrite");
  c.datasets.manifest.set_major(1);
  c.datasets.manifest.mutable_shards(0)->set_path("sums-000001-000002-00.jsonl");
  c.plan.prune = true;
  const auto pulled = c.pull_now();
  REQUIRE(pulled.ok());
  CHECK(pulled->version == 2);
  CHECK(pulled->pruned == 1);
  CHECK(c.exists("shards/sums-000001-000002-00.jsonl"));
  CHECK_FALSE(c.exists("shards/sums-000001-00.jsonl"));
}

TEST_CASE("a rewrite that names another parent than the version held is not followed", "[client]") {
  Pulling c;
  REQUIRE(c.pull_now().ok());
  c.datasets.grow();
  c.datasets.manifest.set_kind("rewrite");
  c.datasets.manifest.set_parent_sha256(std::string(64, 'a'));
  CHECK(c.pull_now().status().code() == absl::StatusCode::kFailedPrecondition);
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

TEST_CASE("a version is taken that follows on the one that was pulled, however many lie between", "[client]") {
  Pulling c;
  REQUIRE(c.pull_now().ok());
  for (int i = 0; i < 3; ++i) c.datasets.grow();
  const auto pulled = c.pull_now();
  REQUIRE(pulled.ok());
  CHECK(pulled->version == 4);
}

TEST_CASE("another history than the one that was pulled is refused and changes nothing", "[client]") {
  Pulling c;
  c.datasets.grow();
  REQUIRE(c.pull_now().ok());
  const auto refused = [&](const std::string& words) {
    const absl::Status status = c.pull_now().status();
    INFO(status);
    return status.code() == absl::StatusCode::kFailedPrecondition &&
           std::string(status.message()).find(words) != std::string::npos;
  };
  SECTION("the same version, written anew") {
    c.datasets.manifest.set_created_at("2026-11-23T00:00:00.000000Z");
    CHECK(refused("holds version 2, manifest "));
  }
  SECTION("a later one that grew from another") {
    c.datasets.manifest.set_created_at("2026-11-23T00:00:00.000000Z");
    c.datasets.grow();
    CHECK(refused("and the service's version 2 is "));
  }
  SECTION("a chain that breaks on the way") {
    c.datasets.grow();
    c.datasets.grow();
    c.datasets.earlier[3] = c.datasets.earlier[2];
    CHECK(refused("the service's version 3 is not the one that version 4 grew from"));
  }
  SECTION("an earlier one") {
    c.plan.version = 1;
    CHECK(refused("on which version 1 does not follow"));
  }
  c.plan.version = 0;
  CHECK(corpus::parse_manifest([&] {
          std::ifstream file(c.plan.directory + "/manifest.json");
          return std::string(std::istreambuf_iterator<char>(file), {});
        }())
            ->version() == 2);
}

TEST_CASE("pruning takes away shards that the version does not list, and nothing else", "[client]") {
  Pulling c;
  REQUIRE(c.pull_now().ok());
  for (const char* name : {"old-000001-00.jsonl", "old-000001-00.jsonl.meta", "notes.txt"})
    std::ofstream(c.plan.directory + "/shards/" + name) << "x";
  CHECK(c.pull_now()->pruned == 0);
  CHECK(c.exists("shards/old-000001-00.jsonl"));
  c.plan.prune = true;
  CHECK(c.pull_now()->pruned == 1);
  CHECK_FALSE(c.exists("shards/old-000001-00.jsonl"));
  CHECK_FALSE(c.exists("shards/old-000001-00.jsonl.meta"));
  CHECK(c.exists("shards/notes.txt"));
  CHECK(c.exists("shards/sums-000001-00.jsonl"));
}

TEST_CASE("each of several machines brings its share", "[client]") {
  Pulling c;
  c.plan.share = {.rank = 1, .world_size = 2};
  CHECK(c.pull_now()->shards == 0);
  c.plan.share = {.rank = 0, .world_size = 2};
  CHECK(c.pull_now()->shards == 1);
  c.plan.share = {.rank = 2, .world_size = 2};
  CHECK(c.pull_now().status().code() == absl::StatusCode::kInvalidArgument);
}
