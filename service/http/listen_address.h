#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "absl/status/statusor.h"

namespace harvest::http {

/// `http.listen` as an endpoint: an IP address ([] around IPv6) or localhost, and a port. kInvalidArgument where it is
/// none.
absl::StatusOr<boost::asio::ip::tcp::endpoint> listen_endpoint(const std::string& listen);

}  // namespace harvest::http
