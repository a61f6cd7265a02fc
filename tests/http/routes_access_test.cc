// Who may read what, waits for what is new, and what is told of it.
#include <catch2/catch.hpp>

#include "service/http/routes.h"
#include "tests/http/fake_catalogue.h"

namespace harvest::http {
namespace {

/// A face that knows two tokens: `trains`, of a trainer of the tenant maths, and `views`, of a viewer.
struct GuardedRoutes {
  FakeCatalogue catalogue;
  std::string owner = "maths";  // of the dataset chat
  Routes routes{sources(), HostList::any(), "https"};

  Sources sources() {
    Sources s = catalogue.sources();
    s.admit = [](access::Page page, const std::string& authorization) -> absl::StatusOr<access::Principal> {
      access::Principal who{.name = "ann", .tenant = "maths", .roles = {access::Role::kTrainer}};
      if (authorization == "Bearer views") who.roles = {access::Role::kViewer};
      if (authorization != "Bearer views" && authorization != "Bearer trains")
        return absl::UnauthenticatedError("found no token of \"ours\"");
      if (!who.roles.meets(access::may_read(page))) return absl::PermissionDeniedError("not for viewers");
      return who;
    };
    s.sees = [this](const access::Principal& who, const std::string&) { return who.sees(owner); };
    return s;
  }
  Response get(const std::string& target, const std::string& token, const std::string& host = "harvest.example:7071") {
    Request request{.method = "GET", .target = target, .host = host};
    if (!token.empty()) request.authorization = "Bearer " + token;
    return routes.answer(request);
  }
  std::string shard() const { return std::string("/v1/datasets/chat/shards/") + FakeCatalogue::kShard; }
};

TEST_CASE_METHOD(GuardedRoutes, "what lives and is ready is open and all else asks for a token", "[routes]") {
  for (const char* open : {"/livez", "/healthz", "/readyz", "/"}) CHECK(get(open, "").status == 200);
  for (const std::string& closed :
       {std::string("/metrics"), std::string("/v1/datasets"), std::string("/v1/datasets/chat"), shard(),
        std::string("/v1/datasets/chat/manifest.json"), std::string("/v1/datasets/chat/urls.txt"),
        std::string("/v1/datasets/chat/receipts"), std::string("/v1/datasets/chat/nothing")}) {
    INFO(closed);
    const Response response = get(closed, "");
    CHECK(response.status == 401);
    CHECK(response.header("WWW-Authenticate") == "Bearer");
  }
  CHECK(std::get<std::string>(get("/metrics", "").body).find("\"detail\":\"found no token of 'ours'\"") !=
        std::string::npos);
  CHECK(catalogue.asked.empty());
}

TEST_CASE_METHOD(GuardedRoutes, "checkpoint and tiles are for every token and entries for none of these", "[routes]") {
  for (const char* file : {"/v1/log/checkpoint", "/v1/log/tile/0/000", "/v1/log/tile/entries/000"})
    CHECK(get(file, "").status == 401);
  for (const char* token : {"views", "trains"}) {
    CHECK(get("/v1/log/checkpoint", token).status == 200);
    CHECK(get("/v1/log/tile/1/000.p/3", token).status == 200);
    CHECK(get("/v1/log/tile/entries/000", token).status == 403);
    CHECK(get("/v1/log/tile/%65ntries/000", token).status == 403);
  }
}

TEST_CASE_METHOD(GuardedRoutes, "a viewer reads metrics and manifests and a trainer shards", "[routes]") {
  CHECK(get("/metrics", "views").status == 200);
  CHECK(get("/v1/datasets/chat/manifest.json", "views").status == 200);
  CHECK(get(shard(), "views").status == 403);
  CHECK(get(shard(), "trains").status == 200);
  CHECK(get("/v1/datasets/chat/receipts", "trains").status == 403);
}

TEST_CASE_METHOD(GuardedRoutes, "another tenant's dataset is as one that is not there", "[routes]") {
  owner = "poems";
  for (const std::string& target :
       {std::string("/v1/datasets/chat"), std::string("/v1/datasets/chat/manifest.json"), shard()})
    CHECK(get(target, "trains").status == 404);
}

TEST_CASE_METHOD(GuardedRoutes, "behind tokens any well-formed Host will do and urls repeat it", "[routes]") {
  CHECK(std::get<std::string>(get("/v1/datasets/chat/urls.txt", "trains").body)
            .starts_with("https://harvest.example:7071/v1/datasets/chat/shards/"));
  for (const char* host : {"a b", "a/b", "a\"b", ""})
    CHECK(get("/v1/datasets/chat/urls.txt", "trains", host).status >= 400);
}

TEST_CASE_METHOD(GuardedRoutes, "a download tells who took what and how much of it", "[routes]") {
  const Response whole = get(shard(), "trains");
  routes.tell_sent(whole, whole.length);
  routes.tell_sent(whole, 3);
  const Response manifest = get("/v1/datasets/chat/manifest.json", "trains");
  routes.tell_sent(manifest, manifest.length);
  routes.tell_sent(get("/metrics", "views"), 100);
  REQUIRE(catalogue.downloads.size() == 3);
  CHECK(catalogue.downloads[0].principal == "ann");
  CHECK(catalogue.downloads[0].tenant == "maths");
  CHECK(catalogue.downloads[0].shard == FakeCatalogue::kShard);
  CHECK(catalogue.downloads[0].bytes == 10);
  CHECK(catalogue.downloads[0].whole);
  CHECK_FALSE(catalogue.downloads[1].whole);
  CHECK(catalogue.downloads[2].view == "default");
  CHECK(catalogue.downloads[2].version == 1);
}

TEST_CASE_METHOD(GuardedRoutes, "a manifest that is not there yet is waited for within bounds", "[routes]") {
  const std::string latest = "/v1/datasets/chat/manifest.json";
  CHECK(get(latest + "?after=0&wait=30", "trains").status == 200);
  const Response none = get(latest + "?after=1&wait=30", "trains");
  CHECK(none.status == 204);
  CHECK(none.wait == std::chrono::seconds(30));
  CHECK_FALSE(none.send_body);
  CHECK(get(latest + "?wait=100000&after=1", "trains").wait == std::chrono::seconds(60));
  CHECK_FALSE(get(latest + "?after=1", "trains").wait.has_value());
  CHECK(get(latest + "?after=x&wait=30", "trains").status == 200);  // no number: the latest, as without it
  CHECK(get(latest + "?wait=30", "trains").status == 200);
  CHECK(get("/v1/datasets/chat/versions/1/manifest.json?after=1&wait=30", "trains").status == 200);
  catalogue.version = 2;
  CHECK(get(latest + "?after=1&wait=30", "trains").status == 200);
}

}  // namespace
}  // namespace harvest::http
