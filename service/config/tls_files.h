#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "harvest/v1/config.pb.h"
#include "service/access/tls_material.h"

namespace harvest::config {

/// Reads a face's PEM files and sees that they are what they should be: a certificate, its own private key, a CA.
/// Nothing where the face has no TLS. INVALID_ARGUMENT names `field`, the file and what was found; never the key.
absl::StatusOr<std::optional<access::TlsMaterial>> read_tls(const std::string& field, const v1::Tls& tls);

}  // namespace harvest::config
