#include "service/api/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "harvest/v1/control.pb.h"
#include "service/access/permits.h"
#include "service/api/credentials.h"
#include "service/api/door.h"

namespace harvest::api {

namespace {
// Bounds on what a client may make the server hold.
constexpr int kMessageBytesMax = 32 << 20;  // a chunk of prompts; clients send a few hundred KB
constexpr int kStreamsMax = 100;
constexpr int kHandshakeMs = 10'000;
constexpr auto kStopGrace = std::chrono::seconds(2);

/// Linking reflection turns it on for every server: this turns it off for one.
class NoReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins, [](const auto& plugin) { return plugin->name() == "proto_server_reflection"; });
  }
};
}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::start(const Address& address,
                                                              const std::vector<grpc::Service*>& services) {
  const std::string& listen = address.listen;
  if (const auto open = access::methods_without_row(*v1::OpenDraftRequest::descriptor()->file()); !open.empty())
    return absl::InternalError(
        absl::StrCat("methods without a row in the table of roles: ", absl::StrJoin(open, ", ")));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<GrpcServer> server(new GrpcServer());
  grpc::ServerBuilder builder;
  if (!address.reflection) builder.SetOption(std::make_unique<NoReflection>());
  builder.SetMaxReceiveMessageSize(kMessageBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8 << 10);
  // Two daemons on one port would share its connections in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  if (!listen.empty()) builder.AddListeningPort(listen, credentials_of(address.tls), &server->port_);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMs);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(std::make_unique<CallNames>());
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  for (grpc::Service* service : services) builder.RegisterService(service);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || (!listen.empty() && server->port_ == 0))
    return absl::AlreadyExistsError(absl::StrCat("gRPC address ", listen, " cannot be listened on: is it in use?"));
  return server;
}

GrpcServer::~GrpcServer() {
  stop();
}

void GrpcServer::set_serving(bool serving) {
  if (auto* health = server_->GetHealthCheckService()) health->SetServingStatus(serving);
}

void GrpcServer::stop() {
  if (server_ == nullptr) return;
  server_->Shutdown(std::chrono::system_clock::now() + kStopGrace);
  server_->Wait();
  server_.reset();
}

std::shared_ptr<grpc::Channel> GrpcServer::channel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  return server_->InProcessChannel(arguments);
}

}  // namespace harvest::api
