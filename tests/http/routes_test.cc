#include "service/http/routes.h"

#include <catch2/catch.hpp>

#include "tests/http/fake_catalogue.h"

namespace harvest::http {
namespace {

/// Routes over a fake catalogue; verbs of a client.
struct RoutesFixture {
  FakeCatalogue catalogue;
  Routes routes{catalogue.sources(), HostList({})};

  Response get(const std::string& target, Request request = {}) {
    request.method = request.method.empty() ? "GET" : request.method;
    request.target = target;
    request.host = request.host.empty() ? "localhost:7071" : request.host;
    return routes.answer(request);
  }
  std::string shard() const { return std::string("/v1/datasets/chat/shards/") + FakeCatalogue::kShard; }
};

std::string text(const Response& response) {
  return std::get<std::string>(response.body);
}

TEST_CASE("paths are split and decoded and what no honest client sends is refused", "[routes]") {
  CHECK(path_segments("/") == std::vector<std::string>{});
  CHECK(path_segments("/v1/a%20b?x=/..") == std::vector<std::string>{"v1", "a b"});
  for (const char* target :
       {"", "v1", "http://localhost/", "//v1", "/v1/", "/v1//x", "/../etc/passwd", "/v1/./x", "/v1/%2e%2e/x",
        "/v1/a%2fb", "/v1/a\\b", "/v1/%5c", "/v1/%00", "/v1/%0a", "/v1/%", "/v1/%1", "/v1/%zz", "*"}) {
    INFO(target);
    CHECK_FALSE(path_segments(target).has_value());
  }
}

TEST_CASE_METHOD(RoutesFixture, "the face answers each of its pages", "[routes]") {
  CHECK(text(get("/metrics")) == "harvest_build_info 1\n");
  CHECK(get("/metrics").header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(get("/livez").status == 200);
  CHECK(get("/healthz").status == 200);
  CHECK(text(get("/readyz")) == "{\"ready\":true}\n");
  CHECK(text(get("/v1/datasets")) == R"({"datasets":[{"name":"chat"}]})");
  CHECK(text(get("/v1/datasets/chat")) == R"({"name":"chat"})");
  CHECK(get("/v1/datasets/none").status == 404);
  CHECK(get("/nothing").status == 404);
  CHECK(get("/v1/datasets/chat/nothing").status == 404);
  CHECK(get("/v1/datasets/chat/versions/1/nothing").status == 404);
  CHECK(get("/v1/datasets/chat/views/short").status == 404);
  CHECK(get("/v1/datasets/chat/views/none/manifest.json").status == 404);
  CHECK(get("/v1/datasets/chat/views/short/versions/0/manifest.json").status == 404);
  CHECK(get("/metrics/x").status == 404);
}

TEST_CASE_METHOD(RoutesFixture, "the log is served by the paths of its specification", "[routes]") {
  const Response checkpoint = get("/v1/log/checkpoint");
  CHECK(text(checkpoint) == "of checkpoint");
  CHECK(checkpoint.header("Content-Type") == "text/plain; charset=utf-8");
  CHECK(checkpoint.header("Cache-Control") == "no-store");
  const Response tile = get("/v1/log/tile/0/x001/234.p/5");
  CHECK(text(tile) == "of tile/0/x001/234.p/5");
  CHECK(tile.length == text(tile).size());
  CHECK(tile.header("Content-Type") == "application/octet-stream");
  CHECK_THAT(std::string(tile.header("Cache-Control")), Catch::Contains("immutable"));
  CHECK(get("/v1/log/none").status == 404);
  CHECK(get("/v1/log").status == 404);
  CHECK(get("/v1/log/tile/../checkpoint").status == 400);
  catalogue.trouble = absl::DataLossError("the log cannot be signed");
  CHECK(get("/v1/log/checkpoint").status == 503);
  CHECK(catalogue.reported.size() == 1);
}

TEST_CASE_METHOD(RoutesFixture, "a service that is not ready or not alive says so", "[routes]") {
  catalogue.ready = false;
  catalogue.live = false;
  CHECK(get("/readyz").status == 503);
  CHECK(text(get("/readyz")).find("draining") != std::string::npos);
  CHECK(get("/livez").status == 503);
  CHECK(text(get("/")).find("not ready") != std::string::npos);
}

TEST_CASE_METHOD(RoutesFixture, "the page loads nothing from elsewhere and is framed by nobody", "[routes]") {
  const Response page = get("/");
  CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
  const std::string policy(page.header("Content-Security-Policy"));
  CHECK(policy.find("default-src 'none'") != std::string::npos);
  CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(page.header("X-Content-Type-Options") == "nosniff");
  CHECK(page.header("Referrer-Policy") == "no-referrer");
  CHECK(text(page).find("<script") == std::string::npos);
  CHECK(text(page).find("style=") == std::string::npos);
}

TEST_CASE_METHOD(RoutesFixture, "only GET and HEAD are answered", "[routes]") {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get"}) {
    const Response response = get("/v1/datasets", {.method = method});
    INFO(method);
    CHECK(response.status == 405);
    CHECK(response.header("Allow") == "GET, HEAD");
  }
  const Response head = get("/v1/datasets", {.method = "HEAD"});
  CHECK(head.status == 200);
  CHECK_FALSE(head.send_body);
  CHECK(head.length == get("/v1/datasets").length);
}

TEST_CASE_METHOD(RoutesFixture, "a foreign Host is turned away before anything is looked up", "[routes]") {
  CHECK(get(shard(), {.host = "evil.example"}).status == 421);
  CHECK(routes.answer({.method = "GET", .target = "/metrics"}).status == 400);
  CHECK(catalogue.asked.empty());
}

TEST_CASE_METHOD(RoutesFixture, "a shard carries what a puller needs", "[routes]") {
  const Response response = get(shard());
  CHECK(response.status == 200);
  CHECK(response.length == 10);
  CHECK(response.header("ETag") == "\"sha256-" + catalogue.shard_sha256 + "\"");
  CHECK(response.header("Repr-Digest") == "sha-256=:hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII=:");
  CHECK(response.header("Accept-Ranges") == "bytes");
  CHECK(response.header("Content-Type") == "application/gzip");
  CHECK(response.header("Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(response.header("Content-Encoding").empty());
}

TEST_CASE_METHOD(RoutesFixture, "ranges and preconditions meet in the order of the RFC", "[routes]") {
  const std::string etag = "\"sha256-" + catalogue.shard_sha256 + "\"";
  const Response part = get(shard(), {.range = "bytes=2-4"});
  CHECK(part.status == 206);
  CHECK(part.header("Content-Range") == "bytes 2-4/10");
  CHECK(part.length == 3);
  CHECK(std::get<FileSlice>(part.body).first == 2);
  CHECK(get(shard(), {.range = "bytes=2-4", .if_range = etag}).status == 206);
  CHECK(get(shard(), {.range = "bytes=2-4", .if_range = "\"other\""}).status == 200);
  CHECK(get(shard(), {.range = "bytes=0-1,3-4"}).status == 200);
  const Response past = get(shard(), {.range = "bytes=10-"});
  CHECK(past.status == 416);
  CHECK(past.header("Content-Range") == "bytes */10");
  CHECK(get(shard(), {.range = "bytes=10-", .if_range = "\"other\""}).status == 200);
  const Response same = get(shard(), {.range = "bytes=2-4", .if_none_match = etag});
  CHECK(same.status == 304);
  CHECK_FALSE(same.send_body);
  CHECK(same.header("ETag") == etag);
  CHECK(get(shard(), {.if_match = "\"other\""}).status == 412);
  CHECK(get(shard(), {.if_match = etag}).status == 200);
  CHECK(get(shard(), {.method = "HEAD", .range = "bytes=2-4"}).status == 200);
}

TEST_CASE_METHOD(RoutesFixture, "the latest manifest is asked for again and a version never changes", "[routes]") {
  CHECK(get("/v1/datasets/chat/manifest.json").header("Cache-Control") == "no-cache");
  CHECK(get("/v1/datasets/chat/versions/1/manifest.json").header("Cache-Control").find("immutable") !=
        std::string::npos);
  CHECK(text(get("/v1/datasets/chat/manifest.json", {.range = "bytes=3-5"})) == "345");
  CHECK(text(get("/v1/datasets/chat/views/short/manifest.json")) == "01234");
  CHECK(text(get("/v1/datasets/chat/views/short/versions/1/manifest.json")) == "01234");
  for (const char* version : {"2", "0", "01", "-1", "1x", "99999999999999999999999"}) {
    INFO(version);
    CHECK(get("/v1/datasets/chat/versions/" + std::string(version) + "/manifest.json").status == 404);
  }
}

TEST_CASE_METHOD(RoutesFixture, "urls name every shard under the Host that was asked", "[routes]") {
  CHECK(text(get("/v1/datasets/chat/urls.txt", {.host = "127.0.0.1:9"})) ==
        "http://127.0.0.1:9/v1/datasets/chat/shards/" + std::string(FakeCatalogue::kShard) +
            "\nhttp://127.0.0.1:9/v1/datasets/chat/shards/odd%20name.gz\n");
}

TEST_CASE_METHOD(RoutesFixture, "trouble is 503 and told to the operator while a missing shard is 404", "[routes]") {
  CHECK(get("/v1/datasets/chat/shards/none.gz").status == 404);
  CHECK(catalogue.reported.empty());
  catalogue.trouble = absl::UnavailableError("disk /secret/path is slow");
  for (const std::string& target :
       {shard(), std::string("/v1/datasets"), std::string("/v1/datasets/chat/manifest.json")}) {
    const Response response = get(target);
    INFO(target);
    CHECK(response.status == 503);
    CHECK(response.header("Retry-After") == "5");
    CHECK(response.header("Content-Type") == "application/problem+json");
    CHECK(text(response).find("secret") == std::string::npos);
  }
  REQUIRE(catalogue.reported.size() == 3);
  CHECK(catalogue.reported[0] == shard() + ": disk /secret/path is slow");
}

}  // namespace
}  // namespace harvest::http
