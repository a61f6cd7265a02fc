#include "service/api/credentials.h"

namespace harvest::api {

std::shared_ptr<grpc::ServerCredentials> credentials_of(const std::optional<access::TlsMaterial>& tls) {
  if (!tls) return grpc::InsecureServerCredentials();
  // The handshake comes before anything of HTTP/2 is read: whoever has no certificate reaches no parser.
  grpc::SslServerCredentialsOptions options(tls->client_ca.empty()
                                                ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                                : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = tls->client_ca;
  options.pem_key_cert_pairs.push_back({tls->key, tls->certificate});
  return grpc::SslServerCredentials(options);
}

}  // namespace harvest::api
