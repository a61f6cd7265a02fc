#pragma once

#include <string>
#include <string_view>

#include "service/dialect/credential.h"

/// Bedrock takes a key of an AWS user or role, which signs, and API keys of its own, which are shown.
namespace harvest::dialect {

/// `key`: ACCESS_KEY_ID:SECRET or ACCESS_KEY_ID:SECRET:SESSION_TOKEN; without a colon an API key. `region`: that
/// signatures name; empty: each request's host tells.
Credential bedrock_credential(std::string_view region, std::string_view key);

/// The region that a host of Bedrock names, whatever stands around it (bedrock-runtime.eu-west-1.amazonaws.com:443);
/// empty: none.
std::string_view bedrock_region(std::string_view host);

}  // namespace harvest::dialect
