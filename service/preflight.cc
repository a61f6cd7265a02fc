#include "service/preflight.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/config/secret.h"
#include "service/http/listen_address.h"

namespace harvest {

namespace {

bool is_taken(const std::string& listen) {
  using boost::asio::ip::tcp;
  const auto endpoint = http::listen_endpoint(listen);
  if (!endpoint.ok() || endpoint->port() == 0) return false;
  boost::asio::io_context context;
  tcp::acceptor acceptor(context);
  boost::system::error_code error;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(*endpoint, error);
  return error == boost::asio::error::address_in_use;
}

}  // namespace

absl::Status check_keys(const v1::Config& config) {
  std::vector<std::string> missing;
  for (const v1::Teacher& teacher : config.teachers())
    if (auto key = config::resolve_secret(teacher.api_key()); !key.ok())
      missing.push_back(absl::StrCat("teacher ", teacher.name(), ": ", key.status().message()));
  return missing.empty() ? absl::OkStatus() : absl::InvalidArgumentError(absl::StrJoin(missing, "\n"));
}

absl::Status check_addresses(const v1::Config& config) {
  for (const auto& [field, listen] :
       {std::pair("http.listen", config.http().listen()), std::pair("grpc.listen", config.grpc().listen())})
    if (is_taken(listen)) return absl::AlreadyExistsError(absl::StrCat(field, ": another process listens on ", listen));
  return absl::OkStatus();
}

}  // namespace harvest
