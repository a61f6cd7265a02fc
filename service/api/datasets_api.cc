#include "service/api/datasets_api.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "service/api/intake_stream.h"
#include "service/api/unary.h"
#include "service/publish/view.h"
#include "storage/corpus/digest.h"

namespace harvest::api {
namespace {

constexpr int kUnknownIdsMax = 10;
constexpr uint32_t kWaitSecondsMax = 60;

std::string view_name(const v1::GetManifestRequest& request) {
  return request.view().empty() ? publish::kDefaultView : request.view();
}

}  // namespace

/// A call that waits for a version. The call's own parts live until it is finished.
struct DatasetsApi::Wait {
  grpc::ServerUnaryReactor* reactor;
  const v1::GetManifestRequest* request;
  v1::ManifestReply* reply;
  access::Principal who;
  std::chrono::steady_clock::time_point until;
};

absl::StatusOr<v1::DatasetRecord> DatasetsApi::own(const access::Principal& who, const std::string& name) const {
  auto record = parts_.store.dataset(name);
  if (record.ok() && !who.sees(record->tenant()))
    return absl::NotFoundError(absl::StrCat("there is no dataset ", name));
  return record;
}

DatasetsApi::Unary* DatasetsApi::ListDatasets(Context* context, const v1::ListDatasetsRequest*,
                                              v1::ListDatasetsReply* reply) {
  return answer(parts_.door, context, reply,
                [this](const access::Principal& who) -> absl::StatusOr<v1::ListDatasetsReply> {
                  v1::ListDatasetsReply all;
                  for (const v1::DatasetRecord& record : parts_.store.datasets()) {
                    if (!who.sees(record.tenant())) continue;
                    auto status = parts_.publisher.status(record.name());
                    if (!status.ok()) return status.status();
                    *all.add_datasets() = *std::move(status);
                  }
                  return all;
                });
}

DatasetsApi::Unary* DatasetsApi::GetDataset(Context* context, const v1::DatasetRequest* request,
                                            v1::DatasetStatus* reply) {
  return answer(parts_.door, context, reply,
                [this, request](const access::Principal& who) -> absl::StatusOr<v1::DatasetStatus> {
                  if (auto record = own(who, request->name()); !record.ok()) return record.status();
                  return parts_.publisher.status(request->name());
                });
}

DatasetsApi::Unary* DatasetsApi::PublishDataset(Context* context, const v1::PublishDatasetRequest* request,
                                                v1::DatasetStatus* reply) {
  return answer(parts_.door, context, reply,
                [this, context, request](const access::Principal& who) -> absl::StatusOr<v1::DatasetStatus> {
                  // A name that is none is the publisher's to refuse.
                  auto record = own(who, request->name());
                  if (!record.ok() && parts_.store.dataset(request->name()).ok()) return record.status();
                  return noted(parts_.door, *context, who, request->name(), "", *request, [&] {
                    return parts_.publisher.publish(request->name(), request->view(), parts_.clock.utc_us());
                  });
                });
}

DatasetsApi::Unary* DatasetsApi::CompactDataset(Context* context, const v1::CompactDatasetRequest* request,
                                                v1::DatasetStatus* reply) {
  return answer(parts_.door, context, reply,
                [this, context, request](const access::Principal& who) -> absl::StatusOr<v1::DatasetStatus> {
                  if (auto record = own(who, request->name()); !record.ok()) return record.status();
                  return noted(parts_.door, *context, who, request->name(), "", *request, [&] {
                    return parts_.publisher.compact(request->name(), request->view(), parts_.clock.utc_us());
                  });
                });
}

DatasetsApi::Unary* DatasetsApi::GetManifest(Context* context, const v1::GetManifestRequest* request,
                                             v1::ManifestReply* reply) {
  if (request->wait_seconds() == 0)
    return answer(parts_.door, context, reply,
                  [this, request](const access::Principal& who) { return manifest(who, *request); });
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto who = parts_.door.admit(*context);
  absl::Status status = who.status();
  if (status.ok() && request->version() > 0)
    status = absl::InvalidArgumentError("wait_seconds: found beside a version, expected to wait for the latest alone");
  if (!status.ok()) {
    reactor->Finish(to_grpc(status));
    return reactor;
  }
  const std::chrono::seconds time(std::min(request->wait_seconds(), kWaitSecondsMax));
  auto wait =
      std::make_shared<Wait>(Wait{reactor, request, reply, *std::move(who), std::chrono::steady_clock::now() + time});
  boost::asio::post(parts_.door.pool(), [this, wait = std::move(wait)] { look(wait); });
  return reactor;
}

// No worker is held between two looks. Who waited in vain is told the version that stands, without its manifest.
void DatasetsApi::look(std::shared_ptr<Wait> wait) const {
  const uint64_t heard = parts_.published.rings();
  const auto version = version_now(wait->who, *wait->request);
  if (!version.ok()) return wait->reactor->Finish(to_grpc(version.status()));
  if (*version > wait->request->after()) {
    auto found = manifest(wait->who, *wait->request);
    if (found.ok()) *wait->reply = *std::move(found);
    return wait->reactor->Finish(to_grpc(found.status()));
  }
  if (std::chrono::steady_clock::now() < wait->until &&
      parts_.published.wait(parts_.door.pool().get_executor(), heard, wait->until, [this, wait] { look(wait); }))
    return;
  wait->reply->set_version(*version);
  wait->reactor->Finish(grpc::Status::OK);
}

grpc::ServerReadReactor<v1::ImportLabelsRequest>* DatasetsApi::ImportLabels(Context* context,
                                                                            v1::ImportLabelsReply* reply) {
  using Stream = IntakeStream<v1::ImportLabelsRequest>;
  return Stream::start(
      parts_.door, *context,
      [this, context, reply, known = std::string()](const access::Principal& who,
                                                    const v1::ImportLabelsRequest& request) mutable -> absl::Status {
        if (const auto dataset = own(who, request.dataset()); !dataset.ok()) return dataset.status();
        // Once for a stream and a dataset: the verdicts themselves are in the store.
        if (request.dataset() != known) {
          v1::ImportLabelsRequest named;
          named.set_dataset(request.dataset());
          if (absl::Status noted = parts_.door.note(*context, who, request.dataset(), "", named); !noted.ok())
            return noted;
          known = request.dataset();
        }
        const auto done = parts_.label_import.import(request, who.name);
        if (!done.ok()) return done.status();
        reply->set_labels(reply->labels() + done->labels());
        reply->set_unknown(reply->unknown() + done->unknown());
        for (const std::string& id : done->unknown_ids())
          if (reply->unknown_ids_size() < kUnknownIdsMax) reply->add_unknown_ids(id);
        return absl::OkStatus();
      });
}

absl::StatusOr<uint64_t> DatasetsApi::version_now(const access::Principal& who,
                                                  const v1::GetManifestRequest& request) const {
  auto record = own(who, request.name());
  if (!record.ok()) return record.status();
  const v1::ViewRecord* view = store::view_of(*record, view_name(request));
  return view == nullptr ? 0 : view->version();
}

absl::StatusOr<v1::ManifestReply> DatasetsApi::manifest(const access::Principal& who,
                                                        const v1::GetManifestRequest& request) const {
  const std::string name = view_name(request);
  auto record = own(who, request.name());
  if (!record.ok()) return record.status();
  const v1::ViewRecord* view = store::view_of(*record, name);
  if (view == nullptr && name != publish::kDefaultView)
    return absl::NotFoundError(absl::StrCat("dataset ", request.name(), " has no view ", name,
                                            "; `harvestctl datasets show` lists those that there are"));
  const uint64_t version = request.version() > 0 ? request.version() : view != nullptr ? view->version() : 0;
  if (version == 0 || view == nullptr)
    return absl::FailedPreconditionError(absl::StrCat("dataset ", request.name(), " has no version of view ", name,
                                                      " yet; `harvestctl datasets publish` makes one"));
  auto bytes = parts_.store.manifest(request.name(), name, version);
  if (!bytes.ok()) return bytes.status();
  v1::ManifestReply reply;
  reply.set_sha256(corpus::hex(corpus::sha256(*bytes)));
  reply.set_manifest(*std::move(bytes));
  reply.set_version(version);
  if (!parts_.http_origin.empty())
    reply.set_http_base(absl::StrCat(parts_.http_origin, "/v1/datasets/", request.name(), "/shards/"));
  return reply;
}

}  // namespace harvest::api
