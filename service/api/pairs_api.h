#pragma once

#include "harvest/v1/control.grpc.pb.h"
#include "service/api/door.h"
#include "service/api/pair_walk.h"
#include "service/flow/pair_import.h"
#include "storage/store/store.h"

namespace harvest::api {

/// Thin handlers of the Pairs service: pairs as their shards' lines. A dataset of another tenant is not found.
class PairsApi final : public v1::Pairs::CallbackService {
 public:
  PairsApi(const Door& door, flow::PairImport& pair_import, const store::Store& store)
      : door_(door), pair_import_(pair_import), store_(store) {}

  grpc::ServerUnaryReactor* GetPair(grpc::CallbackServerContext*, const v1::GetPairRequest*, v1::PairRecord*) override;
  grpc::ServerWriteReactor<v1::PairRecord>* TailPairs(grpc::CallbackServerContext*,
                                                      const v1::TailPairsRequest*) override;
  grpc::ServerWriteReactor<v1::PairRecord>* ListPairs(grpc::CallbackServerContext*,
                                                      const v1::ListPairsRequest*) override;
  grpc::ServerReadReactor<v1::ImportPairsRequest>* ImportPairs(grpc::CallbackServerContext*,
                                                               v1::ImportPairsReply*) override;

 private:
  absl::StatusOr<v1::PairRecord> pair(const access::Principal& who, const std::string& record_id) const;
  grpc::ServerWriteReactor<v1::PairRecord>* walk(const grpc::CallbackServerContext* context, const std::string& dataset,
                                                 const std::string& where, PairWalk::Bounds bounds) const;

  const Door& door_;
  flow::PairImport& pair_import_;
  const store::Store& store_;
};

}  // namespace harvest::api
