#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "harvest/v1/control.pb.h"
#include "service/access/permits.h"
#include "service/config/config.h"
#include "service/daemon.h"
#include "storage/corpus/digest.h"

namespace harvest {
namespace {

/// A daemon with one token for each role; the token's text is the role's name.
struct GuardedDaemon {
  GuardedDaemon() {
    char name[] = "/tmp/harvest-roles-XXXXXX";
    folder = ::mkdtemp(name);
    std::string yaml = absl::StrCat(
        "data_dir: ", folder.string(), "/data\ngrpc: { listen: 127.0.0.1:0 }\nhttp: { listen: 127.0.0.1:0 }\n",
        "log: { level: error }\nteachers:\n  - { name: t, dialect: d, endpoint: 'http://127.0.0.1:1/v1', model: m, ",
        "prices: free }\ntokens:\n");
    for (const access::Role role : access::kAllRoles) {
      const std::string text(access::name_of(role));
      absl::StrAppend(&yaml, "  - { name: ", text, ", sha256: ", corpus::hex(corpus::sha256(text)), ", roles: [", text,
                      "] }\n");
    }
    auto config = config::parse(yaml, "roles.yaml", config::Known{{{"d", {}, {}}}});
    INFO(config.status().message());
    REQUIRE(config.ok());
    config->mutable_teachers(0)->set_dialect("openai-chat");
    auto started = Daemon::start(*std::move(config), Daemon::Ports::kOpen);
    INFO(started.status().message());
    REQUIRE(started.ok());
    daemon = *std::move(started);
    stub = std::make_unique<grpc::GenericStub>(daemon->channel());
  }
  ~GuardedDaemon() {
    stub.reset();
    if (daemon != nullptr) daemon->stop().IgnoreError();
    daemon.reset();
    std::filesystem::remove_all(folder);
  }

  /// What an empty request comes to.
  grpc::Status call(const std::string& method, const std::string& token) {
    grpc::CompletionQueue queue;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    const auto done = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    const auto stream = stub->PrepareCall(&context, method, &queue);
    stream->StartCall(nullptr);
    if (done()) {
      const grpc::Slice nothing("");
      stream->WriteLast(grpc::ByteBuffer(&nothing, 1), grpc::WriteOptions(), nullptr);
      done();
      for (bool more = true; more;) {
        grpc::ByteBuffer reply;
        stream->Read(&reply, nullptr);
        more = done();
      }
    }
    grpc::Status status;
    stream->Finish(&status, nullptr);
    done();
    queue.Shutdown();
    while (done()) {
    }
    return status;
  }

  std::filesystem::path folder;
  std::unique_ptr<Daemon> daemon;
  std::unique_ptr<grpc::GenericStub> stub;
};

std::vector<std::string> all_methods() {
  std::vector<std::string> methods;
  const google::protobuf::FileDescriptor& file = *v1::ServiceStatus::descriptor()->file();
  for (int s = 0; s < file.service_count(); ++s)
    for (int m = 0; m < file.service(s)->method_count(); ++m)
      methods.push_back(absl::StrCat("/", file.service(s)->full_name(), "/", file.service(s)->method(m)->name()));
  return methods;
}

TEST_CASE_METHOD(GuardedDaemon, "every method does for every role what the table says", "[api]") {
  const std::vector<std::string> methods = all_methods();
  REQUIRE(methods.size() > 30);
  int refused = 0, admitted = 0;
  for (const std::string& method : methods) {
    INFO(method);
    // One that is declared and not there yet has no handler that could refuse.
    if (call(method, "admin").error_code() == grpc::StatusCode::UNIMPLEMENTED) continue;
    CHECK(call(method, "").error_code() == grpc::StatusCode::UNAUTHENTICATED);
    CHECK(call(method, "nobody").error_code() == grpc::StatusCode::UNAUTHENTICATED);
    for (const access::Role role : access::kAllRoles) {
      const grpc::Status status = call(method, std::string(access::name_of(role)));
      INFO(access::name_of(role) << ": " << status.error_code() << " " << status.error_message());
      const bool may = access::may_call(method)->has(role);
      CHECK((status.error_code() == grpc::StatusCode::PERMISSION_DENIED) == !may);
      CHECK(status.error_code() != grpc::StatusCode::UNAUTHENTICATED);
      ++(may ? admitted : refused);
    }
  }
  CHECK(refused > 60);
  CHECK(admitted > 60);
}

TEST_CASE_METHOD(GuardedDaemon, "a service that is not in the table is not there and health is open", "[api]") {
  CHECK(call("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "admin").error_code() ==
        grpc::StatusCode::UNIMPLEMENTED);
  CHECK(call("/grpc.health.v1.Health/Check", "").ok());
}

}  // namespace
}  // namespace harvest
