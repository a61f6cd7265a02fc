#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/transport/bad_teacher.h"
#include "tests/transport/exchange_probe.h"

using harvest::dialect::HttpExchange;
using harvest::dialect::WireError;
using harvest::testing::BadTeacher;
using harvest::testing::ExchangeProbe;

namespace {

/// A self-signed certificate for one address, in a directory that goes with it.
class SelfSigned {
 public:
  explicit SelfSigned(const std::string& address) {
    std::string pattern = (std::filesystem::temp_directory_path() / "harvest-tls-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=teacher"
        " -addext subjectAltName=IP:" +
        address + " -keyout " + key() + " -out " + certificate() + " 2>/dev/null";
    REQUIRE(::system(command.c_str()) == 0);
    context_ = SSL_CTX_new(TLS_server_method());
    REQUIRE(SSL_CTX_use_certificate_file(context_, certificate().c_str(), SSL_FILETYPE_PEM) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context_, key().c_str(), SSL_FILETYPE_PEM) == 1);
  }
  ~SelfSigned() {
    SSL_CTX_free(context_);
    std::filesystem::remove_all(directory_);
  }
  std::string certificate() const { return (directory_ / "certificate.pem").string(); }
  std::string key() const { return (directory_ / "key.pem").string(); }
  SSL_CTX* context() const { return context_; }

 private:
  std::filesystem::path directory_;
  SSL_CTX* context_ = nullptr;
};

}  // namespace

TEST_CASE("a self-signed teacher is refused before anything is sent", "[transport][tls]") {
  SelfSigned identity("127.0.0.1");
  BadTeacher teacher(identity.context());
  teacher.when("/x").answer(BadTeacher::ok("{}"));
  ExchangeProbe probe;
  const HttpExchange exchange = probe.ask(probe.endpoint(teacher.url()), "/x");
  CHECK(exchange.error == WireError::kNotConnected);
  CHECK_FALSE(exchange.sent);
  CHECK(teacher.received("/x") == 0);
}

TEST_CASE("a self-signed teacher is accepted by its own certificate", "[transport][tls]") {
  SelfSigned identity("127.0.0.1");
  BadTeacher teacher(identity.context());
  teacher.when("/x").answer(BadTeacher::ok("{}"));
  ExchangeProbe probe;
  auto options = ExchangeProbe::options(teacher.url());
  options.ca_file = identity.certificate();
  const auto endpoint = probe.transport.add_endpoint(options);
  for (int i = 0; i < 3; ++i) CHECK(probe.ask(endpoint, "/x").error == WireError::kNone);
  CHECK(teacher.connections() == 1);
}

TEST_CASE("a certificate for another host is refused", "[transport][tls]") {
  SelfSigned identity("127.0.0.2");
  BadTeacher teacher(identity.context());
  teacher.when("/x").answer(BadTeacher::ok("{}"));
  ExchangeProbe probe;
  auto options = ExchangeProbe::options(teacher.url());
  options.ca_file = identity.certificate();
  const HttpExchange exchange = probe.ask(probe.transport.add_endpoint(options), "/x");
  CHECK(exchange.error == WireError::kNotConnected);
  CHECK(teacher.received("/x") == 0);
}

TEST_CASE("a ca file that does not exist refuses the connection", "[transport][tls]") {
  SelfSigned identity("127.0.0.1");
  BadTeacher teacher(identity.context());
  ExchangeProbe probe;
  auto options = ExchangeProbe::options(teacher.url());
  options.ca_file = "/nonexistent/ca.pem";
  CHECK(probe.ask(probe.transport.add_endpoint(options), "/x").error == WireError::kNotConnected);
}
