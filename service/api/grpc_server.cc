#include "service/api/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>

#include "absl/strings/str_cat.h"

namespace harvest::api {

namespace {
// Bounds on what a client may make the server hold.
constexpr int kMessageBytesMax = 32 << 20;  // a chunk of prompts; clients send a few hundred KB
constexpr int kStreamsMax = 100;
constexpr auto kStopGrace = std::chrono::seconds(2);
}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::start(const std::string& listen,
                                                              const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<GrpcServer> server(new GrpcServer());
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMessageBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8 << 10);
  // Two daemons on one port would share its connections in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  if (!listen.empty()) builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &server->port_);
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
