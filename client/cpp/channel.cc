#include "client/cpp/channel.h"

#include <grpcpp/support/client_interceptor.h>

#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/corpus/atomic_file.h"

namespace harvest::client {
namespace {

// A machine that drops packets is found out after this; a refused connection at once.
constexpr int kConnectMs = 3000;
// Manifests list every shard of a dataset, and a prompt may be long.
constexpr int kMessageBytesMax = 256 << 20;

constexpr size_t kPemBytesMax = 1 << 20;

/// Puts the token on every call. Not gRPC's own call credentials: those are refused on a channel in the clear, and
/// tokens go over loopback too.
class Bearer final : public grpc::experimental::Interceptor {
 public:
  explicit Bearer(const std::string& value) : value_(value) {}
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA))
      methods->GetSendInitialMetadata()->insert({"authorization", value_});
    methods->Proceed();
  }

 private:
  const std::string& value_;  // the factory's
};

class Bearers final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit Bearers(const std::string& token) : value_("Bearer " + token) {}
  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo*) override {
    return new Bearer(value_);  // gRPC's from here on
  }

 private:
  const std::string value_;
};

grpc::ChannelArguments channel_arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kConnectMs);
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  arguments.SetMaxSendMessageSize(kMessageBytesMax);
  return arguments;
}

absl::StatusOr<std::string> read_pem(const char* what, const std::string& path) {
  if (path.empty()) return std::string();
  auto text = corpus::read_file(path, kPemBytesMax);
  if (!text.ok()) return absl::InvalidArgumentError(absl::StrCat(what, ": ", text.status().message()));
  return text;
}

}  // namespace

std::shared_ptr<grpc::Channel> dial(const std::string& server) {
  return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), channel_arguments());
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> dial(const std::string& server, const Access& access) {
  if (access.certificate_file.empty() != access.key_file.empty()) {
    return absl::InvalidArgumentError("found one of the client's certificate and its key, expected both or neither");
  }
  auto credentials = grpc::InsecureChannelCredentials();
  if (access.names_files() || (!access.token.empty() && !is_loopback_server(server))) {
    grpc::SslCredentialsOptions options;
    for (const auto& [what, path, into] : {std::tuple{"CA", &access.ca_file, &options.pem_root_certs},
                                           std::tuple{"certificate", &access.certificate_file, &options.pem_cert_chain},
                                           std::tuple{"key", &access.key_file, &options.pem_private_key}}) {
      auto text = read_pem(what, *path);
      if (!text.ok()) {
        return text.status();
      }
      *into = *std::move(text);
    }
    credentials = grpc::SslCredentials(options);
  }
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  if (!access.token.empty()) {
    interceptors.push_back(std::make_unique<Bearers>(access.token));
  }
  return grpc::experimental::CreateCustomChannelWithInterceptors(server, credentials, channel_arguments(),
                                                                 std::move(interceptors));
}

absl::Status to_absl(const grpc::Status& status, const std::string& server) {
  if (status.ok()) {
    return absl::OkStatus();
  }
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return absl::UnavailableError(absl::StrCat("no harvestd answers at ", server, " (", status.error_message(), ")"));
  }
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return absl::DeadlineExceededError(absl::StrCat("harvestd at ", server, " did not answer in time"));
  }
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace harvest::client
