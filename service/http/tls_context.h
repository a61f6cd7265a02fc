#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "absl/status/statusor.h"
#include "service/access/tls_material.h"

namespace harvest::http {

/// A server's side of TLS 1.2 and later. kInvalidArgument says what OpenSSL will not have.
absl::StatusOr<std::unique_ptr<boost::asio::ssl::context>> tls_context(const access::TlsMaterial& material);

}  // namespace harvest::http
