#pragma once

#include <string>

namespace harvest::access {

/// What a face speaks TLS with: PEM texts, read and checked by config::read_tls.
struct TlsMaterial {
  std::string certificate;  ///< with the chain behind it
  std::string key;
  std::string client_ca;  ///< whose clients are let in, and nobody without a certificate; empty: anybody
};

}  // namespace harvest::access
