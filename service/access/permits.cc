#include "service/access/permits.h"

#include "absl/strings/str_cat.h"

namespace harvest::access {
namespace {

constexpr Role kViewer = Role::kViewer;
constexpr Role kSubmitter = Role::kSubmitter;
constexpr Role kTrainer = Role::kTrainer;
constexpr Role kOperator = Role::kOperator;
constexpr Role kRights = Role::kRights;
constexpr Role kAdmin = Role::kAdmin;

struct Row {
  std::string_view method;
  Roles roles;
};

constexpr Roles kSubmit = {kSubmitter, kAdmin};
constexpr Roles kSteer = {kSubmitter, kOperator, kAdmin};
constexpr Roles kOperate = {kOperator, kAdmin};
constexpr Roles kSeeJobs = {kViewer, kSubmitter, kOperator, kAdmin};
constexpr Roles kSeeDatasets = {kViewer, kSubmitter, kTrainer, kOperator, kAdmin};
constexpr Roles kReadText = {kSubmitter, kTrainer, kAdmin};
constexpr Roles kAnybody = Roles::all();

constexpr Row kRows[] = {
    {"/harvest.v1.Jobs/OpenDraft", kSubmit},
    {"/harvest.v1.Jobs/AddPrompts", kSubmit},
    {"/harvest.v1.Jobs/CommitDraft", kSubmit},
    {"/harvest.v1.Jobs/DiscardDraft", kSubmit},
    {"/harvest.v1.Jobs/PlanJob", kSubmit},
    {"/harvest.v1.Jobs/ListJobs", kSeeJobs},
    {"/harvest.v1.Jobs/GetJob", kSeeJobs},
    {"/harvest.v1.Jobs/WatchJob", kSeeJobs},
    {"/harvest.v1.Jobs/ExplainJob", kSeeJobs},
    {"/harvest.v1.Jobs/ListEndings", kSeeJobs},
    {"/harvest.v1.Jobs/PauseJob", kSteer},
    {"/harvest.v1.Jobs/ResumeJob", kSteer},
    {"/harvest.v1.Jobs/CancelJob", kSteer},
    {"/harvest.v1.Jobs/RetuneJob", kSteer},
    {"/harvest.v1.Jobs/RetryJob", kSubmit},  // it buys anew
    {"/harvest.v1.Teachers/ListTeachers", {kViewer, kSubmitter, kOperator, kRights, kAdmin}},
    {"/harvest.v1.Teachers/PauseTeacher", kOperate},
    {"/harvest.v1.Teachers/ResumeTeacher", kOperate},
    {"/harvest.v1.Teachers/ProbeTeacher", kOperate},
    {"/harvest.v1.Teachers/ImportPrices", {kAdmin}},
    {"/harvest.v1.Teachers/ListAlerts", {kViewer, kSubmitter, kOperator, kRights, kAdmin}},
    {"/harvest.v1.Teachers/DecideAlert", {kRights}},  // no admin either: it is another's signature
    {"/harvest.v1.Datasets/ListDatasets", kSeeDatasets},
    {"/harvest.v1.Datasets/GetDataset", kSeeDatasets},
    {"/harvest.v1.Datasets/GetManifest", kSeeDatasets},
    {"/harvest.v1.Datasets/PublishDataset", kSteer},
    {"/harvest.v1.Datasets/CompactDataset", kSteer},
    {"/harvest.v1.Datasets/ImportLabels", kSubmit},
    {"/harvest.v1.Pairs/GetPair", kReadText},
    {"/harvest.v1.Pairs/TailPairs", kReadText},
    {"/harvest.v1.Pairs/ListPairs", kReadText},
    {"/harvest.v1.Pairs/ImportPairs", kSubmit},
    {"/harvest.v1.Operations/GetStatus", kAnybody},
    {"/harvest.v1.Operations/Halt", kOperate},
    {"/harvest.v1.Audit/ListLostAttempts", kOperate},
    {"/harvest.v1.Audit/GetBill", kOperate},
    {"/harvest.v1.Audit/GetProof", {kSubmitter, kTrainer, kOperator, kRights, kAdmin}},
    {"/harvest.v1.Audit/TailLog", {kAdmin}},  // every tenant's
};

}  // namespace

std::optional<Roles> may_call(std::string_view method) {
  for (const Row& row : kRows) {
    if (row.method == method) return row.roles;
  }
  return std::nullopt;
}

Roles may_read(Page page) {
  switch (page) {
    case Page::kMetrics:
      return kAnybody;
    case Page::kDatasets:
    case Page::kManifest:
      return kSeeDatasets;
    case Page::kShard:
      return {kTrainer, kAdmin};
    case Page::kReceipts:
      return kOperate;
    case Page::kLog:
      return kAnybody;
    case Page::kLogEntries:
      return {kAdmin};  // every tenant's
  }
  return {};
}

std::vector<std::string> methods_without_row(const google::protobuf::FileDescriptor& file) {
  std::vector<std::string> missing;
  for (int s = 0; s < file.service_count(); ++s) {
    const google::protobuf::ServiceDescriptor& service = *file.service(s);
    for (int m = 0; m < service.method_count(); ++m) {
      std::string method = absl::StrCat("/", service.full_name(), "/", service.method(m)->name());
      if (!may_call(method)) missing.push_back(std::move(method));
    }
  }
  return missing;
}

}  // namespace harvest::access
