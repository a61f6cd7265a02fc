#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>

#include "service/access/tls_material.h"

namespace harvest::api {

/// How the face speaks: TLS, with a client's certificate demanded where there is a CA for it; else in the clear.
std::shared_ptr<grpc::ServerCredentials> credentials_of(const std::optional<access::TlsMaterial>& tls);

}  // namespace harvest::api
