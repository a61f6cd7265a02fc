#include "service/config/access_checks.h"

#include <catch2/catch.hpp>
#include <map>

#include "proto/text/time.h"

namespace harvest::config {
namespace {

const int64_t kToday = *text::parse_utc("2026-11-28T12:00:00Z");
const std::string kHash = std::string(64, 'a');

v1::Config with_token(const std::string& name, const std::string& hash, const std::string& role) {
  v1::Config config;
  v1::Token& token = *config.add_tokens();
  token.set_name(name);
  token.set_sha256(hash);
  token.add_roles(role);
  return config;
}

/// Field → what is wrong with it.
std::map<std::string, std::string> mistakes_in(const v1::Config& config) {
  std::map<std::string, std::string> all;
  check_access(config, kToday, [&all](const std::string& field, const std::string& what) { all[field] += what; });
  return all;
}

TEST_CASE("a good token is no mistake", "[access]") {
  v1::Config config = with_token("ann", kHash, "trainer");
  config.mutable_tokens(0)->set_tenant("maths");
  config.mutable_tokens(0)->set_expires_on("2026-11-28");
  CHECK(mistakes_in(config).empty());
}

TEST_CASE("every mistake of a token is named with its field and no hash is shown", "[access]") {
  v1::Config config = with_token("Ann Lee", "hvt_the-token-itself", "trainee");
  config.mutable_tokens(0)->set_expires_on("2026-11-27");
  const auto mistakes = mistakes_in(config);
  CHECK(mistakes.at("tokens[0].name").find("found 'Ann Lee'") == 0);
  CHECK(mistakes.at("tokens[0].sha256").find("64 hexadecimal digits") != std::string::npos);
  CHECK(mistakes.at("tokens[0].sha256").find("hvt_") == std::string::npos);
  CHECK(mistakes.at("tokens[0].roles[0]") ==
        "found 'trainee', expected one of viewer, submitter, trainer, operator, rights, admin");
  CHECK(mistakes.at("tokens[0].expires_on").find("which is past") != std::string::npos);
  config.mutable_tokens(0)->set_expires_on("tomorrow");
  config.mutable_tokens(0)->clear_roles();
  CHECK(mistakes_in(config).contains("tokens[0].expires_on"));
  CHECK(mistakes_in(config).at("tokens[0].roles").find("found none") == 0);
}

TEST_CASE("one name may have two tokens but not for two tenants and no token stands twice", "[access]") {
  v1::Config config = with_token("ann", kHash, "trainer");
  *config.add_tokens() = config.tokens(0);
  CHECK(mistakes_in(config).at("tokens[1].sha256").find("the hash of tokens[0]") != std::string::npos);
  config.mutable_tokens(1)->set_sha256(std::string(64, 'b'));
  CHECK(mistakes_in(config).empty());
  config.mutable_tokens(1)->set_tenant("maths");
  CHECK(mistakes_in(config).at("tokens[1].tenant").find("one tenant for one name") != std::string::npos);
}

TEST_CASE("an address that others reach needs TLS and tokens and says what is missing", "[access]") {
  v1::Config config;
  config.mutable_grpc()->set_listen("0.0.0.0:7070");
  config.mutable_http()->set_listen("[::]:7071");
  CHECK(mistakes_in(config)
            .at("grpc.listen")
            .find("missing: grpc.tls: { certificate: FILE, key: FILE, client_ca: FILE }; "
                  "tokens") != std::string::npos);
  CHECK(mistakes_in(config).at("http.listen").find("missing: http.tls: { certificate: FILE, key: FILE }; tokens") !=
        std::string::npos);
  for (v1::Tls* tls : {config.mutable_grpc()->mutable_tls(), config.mutable_http()->mutable_tls()}) {
    tls->set_certificate("c.pem");
    tls->set_key("k.pem");
  }
  CHECK(mistakes_in(config).at("grpc.listen").find("missing: grpc.tls.client_ca") != std::string::npos);
  *config.add_tokens() = with_token("ann", kHash, "trainer").tokens(0);
  CHECK_FALSE(mistakes_in(config).contains("http.listen"));
  config.mutable_grpc()->mutable_tls()->set_client_ca("ca.pem");
  CHECK(mistakes_in(config).empty());
}

TEST_CASE("a certificate without its key is a mistake on loopback too", "[access]") {
  v1::Config config;
  config.mutable_http()->mutable_tls()->set_certificate("c.pem");
  CHECK(mistakes_in(config).at("http.tls.key").find("found none") == 0);
}

}  // namespace
}  // namespace harvest::config
