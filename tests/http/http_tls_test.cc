// The face over TLS, and waits for what is published: libcurl as the client, certificates of the test's own.
#include <curl/curl.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "service/http/http_server.h"
#include "tests/http/fake_catalogue.h"
#include "tests/self_made_certificates.h"

namespace harvest::http {
namespace {

using namespace std::chrono_literals;

struct Got {
  CURLcode code = CURLE_OK;
  long status = 0;
  std::string body;
};

std::size_t keep(char* data, std::size_t, std::size_t size, void* into) {
  static_cast<std::string*>(into)->append(data, size);
  return size;
}

struct TlsFace {
  TlsFace() {
    REQUIRE(files.made());
    catalogue.shard_path = files.path("shard.bin");
    catalogue.shard_bytes.clear();
    for (int i = 0; i < 300'000; ++i) catalogue.shard_bytes += static_cast<char>(i * 31 % 251);
    std::ofstream(catalogue.shard_path, std::ios::binary) << catalogue.shard_bytes;
    options.tls = access::TlsMaterial{.certificate = files.text("server.pem"), .key = files.text("server.key")};
    options.header_time = 1000ms;
    options.drain_time = 1000ms;
  }
  Sources sources() {
    Sources s = catalogue.sources();
    s.admit = [](access::Page, const std::string& authorization) -> absl::StatusOr<access::Principal> {
      if (authorization != "Bearer anns") return absl::UnauthenticatedError("found no token");
      return access::Principal{.name = "ann", .roles = access::Roles::all()};
    };
    return s;
  }
  void start() {
    auto started = HttpServer::start("127.0.0.1:0", sources(), options);
    REQUIRE(started.ok());
    server = *std::move(started);
  }
  Got get(const std::string& target, const std::string& token = "anns", const std::string& ca = "ca.pem",
          const std::string& client = "") {
    Got got;
    CURL* curl = curl_easy_init();
    const std::string url = "https://localhost:" + std::to_string(server->port()) + target;
    const std::string ca_file = files.path(ca), certificate = files.path(client + ".pem"),
                      key = files.path(client + ".key");
    const std::string authorization = "Authorization: Bearer " + token;
    curl_slist* headers = token.empty() ? nullptr : curl_slist_append(nullptr, authorization.c_str());
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (!client.empty()) {
      curl_easy_setopt(curl, CURLOPT_SSLCERT, certificate.c_str());
      curl_easy_setopt(curl, CURLOPT_SSLKEY, key.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &got.body);
    got.code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &got.status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return got;
  }
  std::string shard() const { return std::string("/v1/datasets/chat/shards/") + FakeCatalogue::kShard; }

  SelfMadeCertificates files;
  FakeCatalogue catalogue;
  HttpOptions options;
  std::unique_ptr<HttpServer> server;
};

TEST_CASE_METHOD(TlsFace, "a shard comes over TLS byte for byte and its receipt says whose it was", "[tls]") {
  start();
  const Got got = get(shard());
  CHECK(got.code == CURLE_OK);
  CHECK(got.status == 200);
  CHECK(got.body == catalogue.shard_bytes);
  CHECK(get(shard(), "eves").status == 401);
  CHECK(get("/livez", "").status == 200);
  server->stop();
  REQUIRE(catalogue.downloads.size() == 1);
  CHECK(catalogue.downloads[0].principal == "ann");
  CHECK(catalogue.downloads[0].bytes == catalogue.shard_bytes.size());
}

TEST_CASE_METHOD(TlsFace, "a client that trusts another CA does not talk to it", "[tls]") {
  start();
  CHECK(get("/livez", "", "server.key").code != CURLE_OK);
  CHECK(get("/livez", "", "client.pem").code == CURLE_PEER_FAILED_VERIFICATION);
}

TEST_CASE_METHOD(TlsFace, "where clients must have certificates nobody comes in without one", "[tls]") {
  options.tls->client_ca = files.text("ca.pem");
  start();
  const Got bare = get("/livez", "");
  CHECK((bare.code != CURLE_OK && bare.body.empty()));
  CHECK(get("/livez", "", "ca.pem", "client").status == 200);
}

TEST_CASE_METHOD(TlsFace, "who speaks no TLS is let go in time and others are served meanwhile", "[tls]") {
  start();
  CURL* plain = curl_easy_init();
  const std::string url = "http://localhost:" + std::to_string(server->port()) + "/livez";
  curl_easy_setopt(plain, CURLOPT_URL, url.c_str());
  curl_easy_setopt(plain, CURLOPT_PROXY, "");
  curl_easy_setopt(plain, CURLOPT_TIMEOUT, 10L);
  CHECK(curl_easy_perform(plain) != CURLE_OK);
  curl_easy_cleanup(plain);
  CHECK(get("/livez", "").status == 200);
}

TEST_CASE_METHOD(TlsFace, "a wait for a version ends with the ring or with its time", "[tls]") {
  start();
  const std::string after = "/v1/datasets/chat/manifest.json?after=1&wait=";
  const auto begin = std::chrono::steady_clock::now();
  CHECK(get(after + "1").status == 204);
  CHECK(std::chrono::steady_clock::now() - begin >= 900ms);
  std::thread publisher([this] {
    std::this_thread::sleep_for(200ms);
    server->ring();  // for another dataset: it goes on waiting
    std::this_thread::sleep_for(200ms);
    catalogue.version = 2;
    server->ring();
  });
  const auto second = std::chrono::steady_clock::now();
  const Got got = get(after + "15");
  const auto took = std::chrono::steady_clock::now() - second;
  publisher.join();
  CHECK(got.status == 200);
  CHECK(got.body == "0123456789");
  CHECK((took >= 350ms && took < 5s));
}

TEST_CASE_METHOD(TlsFace, "stop ends a wait", "[tls]") {
  start();
  std::thread stopper([this] {
    std::this_thread::sleep_for(300ms);
    server->stop();
  });
  CHECK(get("/v1/datasets/chat/manifest.json?after=1&wait=30").status == 204);
  stopper.join();
}

TEST_CASE("an address that others reach is refused without both TLS and tokens", "[tls]") {
  TlsFace face;
  HttpOptions options = face.options;
  const auto code = [&] { return HttpServer::start("0.0.0.0:0", face.sources(), options).status().code(); };
  CHECK(code() == absl::StatusCode::kFailedPrecondition);
  options.demands_tokens = true;
  CHECK(code() == absl::StatusCode::kOk);
  options.tls.reset();
  CHECK(code() == absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace harvest::http
