#include "service/http/tls_context.h"

#include <boost/asio/buffer.hpp>
#include <string>

#include "absl/strings/str_cat.h"

namespace harvest::http {

absl::StatusOr<std::unique_ptr<boost::asio::ssl::context>> tls_context(const access::TlsMaterial& material) {
  using Context = boost::asio::ssl::context;
  auto context = std::make_unique<Context>(Context::tls_server);
  boost::system::error_code error;
  const char* step = "options";
  context->set_options(Context::default_workarounds | Context::no_sslv2 | Context::no_sslv3 | Context::no_tlsv1 |
                           Context::no_tlsv1_1 | Context::no_compression,
                       error);
  if (!error) {
    step = "certificate";
    context->use_certificate_chain(boost::asio::buffer(material.certificate), error);
  }
  if (!error) {
    step = "key";
    context->use_private_key(boost::asio::buffer(material.key), Context::pem, error);
  }
  if (!error && !material.client_ca.empty()) {
    step = "client_ca";
    context->add_certificate_authority(boost::asio::buffer(material.client_ca), error);
    if (!error) context->set_verify_mode(Context::verify_peer | Context::verify_fail_if_no_peer_cert, error);
  }
  if (error) return absl::InvalidArgumentError(absl::StrCat("http.tls.", step, ": ", error.message()));
  return context;
}

}  // namespace harvest::http
