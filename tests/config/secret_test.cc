#include "service/config/secret.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"

using harvest::config::resolve_secret;
namespace v1 = harvest::v1;

namespace {

v1::Secret in_env(const std::string& name) {
  v1::Secret secret;
  secret.set_env(name);
  return secret;
}

}  // namespace

TEST_CASE("a secret comes from its variable or the one line of its file", "[config]") {
  setenv("HARVEST_TEST_KEY", "abc ", 1);
  CHECK(resolve_secret(in_env("HARVEST_TEST_KEY")).value() == "abc");
  char path[] = "/tmp/harvest-secret-XXXXXX";
  const int handle = mkstemp(path);
  REQUIRE(handle >= 0);
  close(handle);
  std::ofstream(path) << "from-file\r\n \n\n";
  v1::Secret secret;
  secret.set_file(path);
  CHECK(resolve_secret(secret).value() == "from-file");
  // A key that was wrapped, or two of them.
  std::ofstream(path) << "from-file\nmore\n";
  CHECK(resolve_secret(secret).status().message() ==
        absl::StrCat("the secret file ", path, " holds more than one line, expected the secret alone"));
  unlink(path);
  CHECK(resolve_secret(secret).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(resolve_secret(v1::Secret()).value().empty());
}

TEST_CASE("a missing or unusable secret is named by its place and never by its value", "[config]") {
  unsetenv("HARVEST_TEST_KEY");
  CHECK(resolve_secret(in_env("HARVEST_TEST_KEY")).status().message() ==
        "the environment variable HARVEST_TEST_KEY is not set, expected a secret in it");
  setenv("HARVEST_TEST_KEY", "", 1);
  CHECK_FALSE(resolve_secret(in_env("HARVEST_TEST_KEY")).ok());
  setenv("HARVEST_TEST_KEY", "value\r\nx-evil: 1", 1);
  const auto broken = resolve_secret(in_env("HARVEST_TEST_KEY"));
  REQUIRE_FALSE(broken.ok());
  CHECK(broken.status().message().find("value") == absl::string_view::npos);
}
