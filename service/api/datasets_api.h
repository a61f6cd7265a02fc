#pragma once

#include <memory>
#include <string>

#include "harvest/v1/control.grpc.pb.h"
#include "service/api/door.h"
#include "service/publish/label_import.h"
#include "service/publish/publisher.h"
#include "service/runtime/bell.h"
#include "service/runtime/clock.h"
#include "storage/store/store.h"

namespace harvest::api {

/// Thin handlers of the Datasets service. A dataset of another tenant is not found.
class DatasetsApi final : public v1::Datasets::CallbackService {
 public:
  struct Parts {
    const Door& door;
    publish::Publisher& publisher;
    publish::LabelImport& label_import;
    const store::Store& store;
    const runtime::Clock& clock;
    runtime::Bell& published;  ///< rung at each version; closed before the server is stopped
    std::string http_origin;   ///< scheme://host:port of the HTTP face, where shards are fetched; empty: there is none
  };
  explicit DatasetsApi(Parts parts) : parts_(std::move(parts)) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  Unary* ListDatasets(Context*, const v1::ListDatasetsRequest*, v1::ListDatasetsReply*) override;
  Unary* GetDataset(Context*, const v1::DatasetRequest*, v1::DatasetStatus*) override;
  Unary* PublishDataset(Context*, const v1::PublishDatasetRequest*, v1::DatasetStatus*) override;
  Unary* CompactDataset(Context*, const v1::CompactDatasetRequest*, v1::DatasetStatus*) override;
  Unary* GetManifest(Context*, const v1::GetManifestRequest*, v1::ManifestReply*) override;
  grpc::ServerReadReactor<v1::ImportLabelsRequest>* ImportLabels(Context*, v1::ImportLabelsReply*) override;

 private:
  struct Wait;
  absl::StatusOr<v1::DatasetRecord> own(const access::Principal& who, const std::string& name) const;
  absl::StatusOr<v1::ManifestReply> manifest(const access::Principal& who, const v1::GetManifestRequest& request) const;
  absl::StatusOr<uint64_t> version_now(const access::Principal& who, const v1::GetManifestRequest& request) const;
  void look(std::shared_ptr<Wait> wait) const;

  const Parts parts_;
};

}  // namespace harvest::api
