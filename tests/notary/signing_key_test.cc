#include "service/notary/signing_key.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/notary/store_fixture.h"

namespace harvest::notary {
namespace {

struct KeyFixture {
  KeyFixture() {
    std::string name = (std::filesystem::temp_directory_path() / "harvest-keys-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory = name;
  }
  ~KeyFixture() {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    ::unsetenv("HARVEST_TEST_LOG_KEY");
    std::error_code ignored;  // the system's cleaning has what is left
    std::filesystem::remove_all(directory, ignored);
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(directory + "/" + name) << text; }
  absl::StatusOr<std::vector<proof::SignerKey>> keys() { return signing_keys(options, directory); }
  std::string message() { return std::string(keys().status().message()); }

  std::string directory;
  v1::LogOptions options;
};

}  // namespace

TEST_CASE_METHOD(KeyFixture, "without a key one is made once and is its owner's alone", "[notary]") {
  const auto made = keys();
  REQUIRE(made.ok());
  CHECK(made->front().verifier().name == "harvest.local/log");
  struct stat status {};
  REQUIRE(::stat((directory + "/log-key").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(keys()->front().verifier() == made->front().verifier());
  CHECK_FALSE(std::filesystem::exists(directory + "/log-key.new"));
}

TEST_CASE_METHOD(KeyFixture, "keys come from a file the environment and a credential", "[notary]") {
  options.set_name("log.example/l");
  write("new", test_key('a').text() + "\n");
  ::setenv("HARVEST_TEST_LOG_KEY", test_key('b').text().c_str(), 1);
  write("log", test_key('c').text());
  ::setenv("CREDENTIALS_DIRECTORY", directory.c_str(), 1);
  options.mutable_key()->set_file(directory + "/new");
  options.add_retiring_keys()->set_env("HARVEST_TEST_LOG_KEY");
  options.add_retiring_keys()->set_credential("log");
  const auto found = keys();
  REQUIRE(found.ok());
  REQUIRE(found->size() == 3);
  CHECK((*found)[0].verifier() == test_key('a').verifier());
  CHECK((*found)[1].verifier() == test_key('b').verifier());
  CHECK((*found)[2].verifier() == test_key('c').verifier());
  CHECK_FALSE(std::filesystem::exists(directory + "/log-key"));
}

TEST_CASE_METHOD(KeyFixture, "a key that is not there or another's is told by field and never shown", "[notary]") {
  options.set_name("log.example/l");
  options.mutable_key()->set_file(directory + "/none");
  CHECK_THAT(message(), Catch::StartsWith("log.key: ") && Catch::Contains("none"));
  write("none", "PRIVATE+KEY+log.example/l+00000000+secretsecret");
  CHECK_THAT(message(), Catch::StartsWith("log.key: ") && !Catch::Contains("secretsecret"));
  write("none", test_key('a', "log.example/other").text());
  CHECK_THAT(message(), Catch::Contains("log.example/other") && Catch::Contains("log.example/l"));
  options.mutable_key()->set_env("ALSO");
  CHECK_THAT(message(), Catch::Contains("found 2 places"));
  options.mutable_key()->Clear();
  options.mutable_key()->set_credential("../x");
  CHECK_THAT(message(), Catch::Contains("CREDENTIALS_DIRECTORY"));
  ::setenv("CREDENTIALS_DIRECTORY", directory.c_str(), 1);
  CHECK_THAT(message(), Catch::Contains("slash"));
  options.clear_key();
  options.add_retiring_keys();
  CHECK_THAT(message(), Catch::StartsWith("log.retiring_keys[0]: "));
  options.set_name("two words");
  CHECK_THAT(message(), Catch::StartsWith("log.name: "));
}

}  // namespace harvest::notary
