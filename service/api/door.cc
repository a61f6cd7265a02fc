#include "service/api/door.h"

#include <google/protobuf/util/json_util.h>

#include <string_view>

namespace harvest::api {
namespace {

/// gRPC refuses names with capitals from the wire.
constexpr char kMethod[] = "Harvest-Method";
constexpr char kAuthorization[] = "authorization";

class CallName final : public grpc::experimental::Interceptor {
 public:
  explicit CallName(const char* method) : method_(method) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::POST_RECV_INITIAL_METADATA))
      methods->GetRecvInitialMetadata()->insert({kMethod, method_});
    methods->Proceed();
  }

 private:
  const char* method_;  // the service's own, which outlives its calls
};

// What is longer is a list of things, such as prices or ids: the store holds them.
constexpr size_t kWhatBytesMax = 16 << 10;

/// The one value under this name; empty: none, or several.
std::string_view only(const grpc::CallbackServerContext& context, const char* name) {
  const auto& metadata = context.client_metadata();
  if (metadata.count(name) != 1) return {};
  const grpc::string_ref value = metadata.find(name)->second;
  return {value.data(), value.size()};
}

}  // namespace

grpc::experimental::Interceptor* CallNames::CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) {
  return new CallName(info->method());  // gRPC's from here on
}

absl::Status Door::note(const grpc::CallbackServerContext& context, const access::Principal& who,
                        const std::string& target, const std::string& why,
                        const google::protobuf::Message& request) const {
  constexpr std::string_view kPackage = "/harvest.v1.";
  std::string_view method = only(context, kMethod);
  if (method.starts_with(kPackage)) method.remove_prefix(kPackage.size());
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string what;
  if (!google::protobuf::util::MessageToJsonString(request, &what, options).ok() || what.size() > kWhatBytesMax)
    what.clear();
  return note_({.name = std::string(method),
                .target = target,
                .who = who.name,
                .what = std::move(what),
                .why = why,
                .at_us = clock_.utc_us()});
}

absl::StatusOr<access::Principal> Door::admit(const grpc::CallbackServerContext& context) const {
  return gate_.admit_call(only(context, kMethod), only(context, kAuthorization), clock_.utc_us());
}

}  // namespace harvest::api
