#include "service/access/permits.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "harvest/v1/control.pb.h"

namespace harvest::access {
namespace {

const google::protobuf::FileDescriptor& services() {
  return *v1::OpenDraftRequest::descriptor()->file();
}

bool may(Role role, const std::string& method) {
  const auto roles = may_call("/harvest.v1." + method);
  REQUIRE(roles.has_value());
  return roles->has(role);
}

TEST_CASE("every method of every service has a row", "[access]") {
  CHECK(methods_without_row(services()).empty());
  CHECK(services().service_count() == 6);
}

TEST_CASE("a method without a row is found and may be called by nobody", "[access]") {
  google::protobuf::FileDescriptorProto proto;
  services().CopyTo(&proto);
  proto.mutable_service(0)->add_method()->CopyFrom(proto.service(0).method(0));
  proto.mutable_service(0)->mutable_method(proto.service(0).method_size() - 1)->set_name("StealJob");
  google::protobuf::DescriptorPool pool(google::protobuf::DescriptorPool::generated_pool());
  proto.set_name("more.proto");
  proto.set_package("harvest.v2");  // its own names, the old messages
  proto.clear_message_type();
  proto.add_dependency("harvest/v1/control.proto");
  const google::protobuf::FileDescriptor* more = pool.BuildFile(proto);
  REQUIRE(more != nullptr);
  // Under another package no method has a row.
  const auto missing = methods_without_row(*more);
  CHECK(std::find(missing.begin(), missing.end(), "/harvest.v2.Jobs/StealJob") != missing.end());
  CHECK_FALSE(may_call("/harvest.v2.Jobs/StealJob").has_value());
  CHECK_FALSE(may_call("").has_value());
  CHECK_FALSE(may_call("/harvest.v1.Jobs/").has_value());
}

TEST_CASE("each role may what README says and no more", "[access]") {
  struct Expected {
    std::string method;
    std::string roles;
  };
  for (const Expected& expected : std::vector<Expected>{
           {"Jobs/OpenDraft", "submitter, admin"},
           {"Jobs/RetryJob", "submitter, admin"},
           {"Jobs/PauseJob", "submitter, operator, admin"},
           {"Jobs/GetJob", "viewer, submitter, operator, admin"},
           {"Teachers/PauseTeacher", "operator, admin"},
           {"Teachers/ImportPrices", "admin"},
           {"Teachers/DecideAlert", "rights"},
           {"Datasets/GetManifest", "viewer, submitter, trainer, operator, admin"},
           {"Datasets/PublishDataset", "submitter, operator, admin"},
           {"Pairs/ListPairs", "submitter, trainer, admin"},
           {"Operations/Halt", "operator, admin"},
           {"Operations/GetStatus", "viewer, submitter, trainer, operator, rights, admin"},
           {"Audit/GetBill", "operator, admin"},
           {"Audit/GetProof", "submitter, trainer, operator, rights, admin"},
           {"Audit/TailLog", "admin"},
       }) {
    INFO(expected.method);
    CHECK(may_call("/harvest.v1." + expected.method)->text() == expected.roles);
  }
  CHECK(may_read(Page::kShard).text() == "trainer, admin");
  CHECK(may_read(Page::kMetrics).has(Role::kViewer));
  CHECK(may_read(Page::kReceipts).text() == "operator, admin");
  CHECK(may_read(Page::kLog).has(Role::kViewer));
  CHECK(may_read(Page::kLogEntries).text() == "admin");
}

TEST_CASE("a viewer changes nothing and reads no text", "[access]") {
  for (int s = 0; s < services().service_count(); ++s) {
    for (int m = 0; m < services().service(s)->method_count(); ++m) {
      const std::string name = services().service(s)->method(m)->name();
      const std::string method = services().service(s)->name() + "/" + name;
      const bool looks =
          name.starts_with("List") || name.starts_with("Get") || name == "WatchJob" || name == "ExplainJob";
      INFO(method);
      if (may(Role::kViewer, method)) CHECK(looks);
      if (method.starts_with("Pairs/")) CHECK_FALSE(may(Role::kViewer, method));
    }
  }
}

}  // namespace
}  // namespace harvest::access
