#include "client/cpp/access.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "client/cpp/channel.h"
#include "client/cpp/shard_fetch.h"
#include "tests/client/prompt_files.h"

using namespace harvest::client;

TEST_CASE("what other machines see is told from what they do not", "[access]") {
  for (const char* own : {"127.0.0.1:7070", "127.8.0.1", "localhost:1", "[::1]:7070", "unix:/run/h.sock"}) {
    INFO(own);
    CHECK(is_loopback_server(own));
  }
  for (const char* other : {"10.0.0.1:7070", "harvest.example:7070", "127.evil.example:7070", "localhost.example:1",
                            "[::]:7070", "0.0.0.0:7070", ""}) {
    INFO(other);
    CHECK_FALSE(is_loopback_server(other));
  }
  CHECK(host_of("https://h.example:7071/v1/x") == "h.example:7071");
  CHECK(host_of("ftp://h.example/") == "");
}

TEST_CASE("a service that listens everywhere is where it was found", "[access]") {
  CHECK(reachable("https://0.0.0.0:7071/v1/d/", "harvest.example:7070") == "https://harvest.example:7071/v1/d/");
  CHECK(reachable("https://[::]:7071/v1/", "[fd00::1]:7070") == "https://[fd00::1]:7071/v1/");
  CHECK(reachable("http://127.0.0.1:7071/v1/", "harvest.example:7070") == "http://127.0.0.1:7071/v1/");
}

TEST_CASE("a token is one line of a file", "[access]") {
  TempDir dir;
  const std::string path = dir.path("token");
  std::ofstream(path) << "hvt_abc\n";
  CHECK(*read_token(path) == "hvt_abc");
  std::ofstream(path) << "hvt_abc\r\nX-More: y\n";
  const auto broken = read_token(path);
  CHECK(broken.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(broken.status().message()).find("hvt_abc") == std::string::npos);
  CHECK_FALSE(read_token(dir.path("absent")).ok());
  CHECK_FALSE(check_token("").ok());
}

TEST_CASE("what would let us in is looked at before anybody is dialled", "[access]") {
  CHECK_FALSE(dial("127.0.0.1:1", Access{.ca_file = "/absent/ca.pem"}).ok());
  CHECK_FALSE(dial("127.0.0.1:1", Access{.certificate_file = "only-one.pem"}).ok());
  CHECK(dial("127.0.0.1:1", Access{.token = "hvt_abc"}).ok());
}

TEST_CASE("a token goes to no other machine in the clear", "[access]") {
  TempDir dir;
  ShardFetch shard{"http://192.0.2.1:7071/x", dir.path("x"), std::string(64, '0'), 1};
  shard.access.token = "hvt_abc";
  const auto fetched = fetch_shard(shard);
  CHECK(fetched.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(fetched.status().message()).find("hvt_abc") == std::string::npos);
}
