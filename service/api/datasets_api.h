#pragma once

#include <functional>
#include <string>

#include "harvest/v1/control.grpc.pb.h"
#include "service/api/worker_pool.h"
#include "service/publish/label_import.h"
#include "service/publish/publisher.h"
#include "service/runtime/clock.h"
#include "storage/store/store.h"

namespace harvest::api {

/// Thin handlers of the Datasets service.
class DatasetsApi final : public v1::Datasets::CallbackService {
 public:
  /// `http_address`: host:port of the HTTP face, where shards are fetched; empty where there is none.
  /// `principal`: who brings labels in.
  DatasetsApi(WorkerPool& pool, publish::Publisher& publisher, publish::LabelImport& label_import,
              const store::Store& store, const runtime::Clock& clock, std::string http_address, std::string principal)
      : pool_(pool),
        publisher_(publisher),
        label_import_(label_import),
        store_(store),
        clock_(clock),
        http_address_(std::move(http_address)),
        principal_(std::move(principal)) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  Unary* ListDatasets(Context*, const v1::ListDatasetsRequest*, v1::ListDatasetsReply*) override;
  Unary* GetDataset(Context*, const v1::DatasetRequest*, v1::DatasetStatus*) override;
  Unary* PublishDataset(Context*, const v1::PublishDatasetRequest*, v1::DatasetStatus*) override;
  Unary* GetManifest(Context*, const v1::GetManifestRequest*, v1::ManifestReply*) override;
  grpc::ServerReadReactor<v1::ImportLabelsRequest>* ImportLabels(Context*, v1::ImportLabelsReply*) override;

 private:
  absl::StatusOr<v1::ManifestReply> manifest(const v1::GetManifestRequest& request) const;

  WorkerPool& pool_;
  publish::Publisher& publisher_;
  publish::LabelImport& label_import_;
  const store::Store& store_;
  const runtime::Clock& clock_;
  const std::string http_address_;
  const std::string principal_;
};

}  // namespace harvest::api
