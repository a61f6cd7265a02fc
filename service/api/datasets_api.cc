#include "service/api/datasets_api.h"

#include "absl/strings/str_cat.h"
#include "service/api/intake_stream.h"
#include "service/api/unary.h"
#include "service/publish/view.h"
#include "storage/corpus/digest.h"

namespace harvest::api {
namespace {

constexpr int kUnknownIdsMax = 10;

}  // namespace

DatasetsApi::Unary* DatasetsApi::ListDatasets(Context* context, const v1::ListDatasetsRequest*,
                                              v1::ListDatasetsReply* reply) {
  return answer(pool_, context, reply, [this]() -> absl::StatusOr<v1::ListDatasetsReply> {
    v1::ListDatasetsReply all;
    for (const v1::DatasetRecord& record : store_.datasets()) {
      auto status = publisher_.status(record.name());
      if (!status.ok()) return status.status();
      *all.add_datasets() = *std::move(status);
    }
    return all;
  });
}

DatasetsApi::Unary* DatasetsApi::GetDataset(Context* context, const v1::DatasetRequest* request,
                                            v1::DatasetStatus* reply) {
  return answer(pool_, context, reply, [this, request] { return publisher_.status(request->name()); });
}

DatasetsApi::Unary* DatasetsApi::PublishDataset(Context* context, const v1::PublishDatasetRequest* request,
                                                v1::DatasetStatus* reply) {
  return answer(pool_, context, reply,
                [this, request] { return publisher_.publish(request->name(), request->view(), clock_.utc_us()); });
}

DatasetsApi::Unary* DatasetsApi::GetManifest(Context* context, const v1::GetManifestRequest* request,
                                             v1::ManifestReply* reply) {
  return answer(pool_, context, reply, [this, request] { return manifest(*request); });
}

grpc::ServerReadReactor<v1::ImportLabelsRequest>* DatasetsApi::ImportLabels(Context*, v1::ImportLabelsReply* reply) {
  return IntakeStream<v1::ImportLabelsRequest>::start(pool_, [this, reply](const v1::ImportLabelsRequest& request) {
    const auto done = label_import_.import(request, principal_);
    if (!done.ok()) return done.status();
    reply->set_labels(reply->labels() + done->labels());
    reply->set_unknown(reply->unknown() + done->unknown());
    for (const std::string& id : done->unknown_ids())
      if (reply->unknown_ids_size() < kUnknownIdsMax) reply->add_unknown_ids(id);
    return absl::OkStatus();
  });
}

absl::StatusOr<v1::ManifestReply> DatasetsApi::manifest(const v1::GetManifestRequest& request) const {
  const std::string name = request.view().empty() ? publish::kDefaultView : request.view();
  auto record = store_.dataset(request.name());
  if (!record.ok()) return record.status();
  const v1::ViewRecord* view = store::view_of(*record, name);
  if (view == nullptr && name != publish::kDefaultView)
    return absl::NotFoundError(absl::StrCat("dataset ", request.name(), " has no view ", name,
                                            "; `harvestctl datasets show` lists those that there are"));
  const uint64_t version = request.version() > 0 ? request.version() : view != nullptr ? view->version() : 0;
  if (version == 0 || view == nullptr)
    return absl::FailedPreconditionError(absl::StrCat("dataset ", request.name(), " has no version of view ", name,
                                                      " yet; `harvestctl datasets publish` makes one"));
  auto bytes = store_.manifest(request.name(), name, version);
  if (!bytes.ok()) return bytes.status();
  v1::ManifestReply reply;
  reply.set_sha256(corpus::hex(corpus::sha256(*bytes)));
  reply.set_manifest(*std::move(bytes));
  reply.set_version(version);
  if (!http_address_.empty())
    reply.set_http_base(absl::StrCat("http://", http_address_, "/v1/datasets/", request.name(), "/shards/"));
  return reply;
}

}  // namespace harvest::api
