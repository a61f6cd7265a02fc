#include "service/config/tls_files.h"

#include <catch2/catch.hpp>

#include "tests/self_made_certificates.h"

namespace harvest::config {
namespace {

/// What is said of a face with these files.
std::string said(const std::string& certificate, const std::string& key, const std::string& ca) {
  v1::Tls tls;
  tls.set_certificate(certificate);
  tls.set_key(key);
  tls.set_client_ca(ca);
  const auto read = read_tls("grpc.tls", tls);
  return read.ok() ? "good" : std::string(read.status().message());
}

TEST_CASE("a face's PEM files are read and seen to belong together", "[tls]") {
  const SelfMadeCertificates files;
  REQUIRE(files.made());
  const std::string certificate = files.path("server.pem"), key = files.path("server.key"), ca = files.path("ca.pem");
  CHECK(said(certificate, key, ca) == "good");
  CHECK(said(certificate, key, "") == "good");
  CHECK(said(certificate, files.path("client.key"), ca).find("expected the private key of the certificate") !=
        std::string::npos);
  CHECK(said(key, key, ca) == "grpc.tls.certificate: " + key + ": found something else, expected a PEM certificate");
  CHECK(said(certificate, certificate, ca).find("grpc.tls.key") == 0);
  CHECK(said(certificate, key, key).find("grpc.tls.client_ca") == 0);
  CHECK(said(files.path("absent.pem"), key, ca).find("absent.pem cannot be read") != std::string::npos);
}

TEST_CASE("a face without TLS needs no file", "[tls]") {
  const auto none = read_tls("http.tls", v1::Tls());
  REQUIRE(none.ok());
  CHECK_FALSE(none->has_value());
}

}  // namespace
}  // namespace harvest::config
