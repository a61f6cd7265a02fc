#include "service/api/pairs_api.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "service/publish/record_renderer.h"

namespace harvest::api {

namespace {

constexpr uint64_t kLastDefault = 10;

}  // namespace

grpc::ServerUnaryReactor* PairsApi::GetPair(grpc::CallbackServerContext* context, const v1::GetPairRequest* request,
                                            v1::PairRecord* reply) {
  return answer(pool_, context, reply, [this, request] { return pair(request->record_id()); });
}

absl::StatusOr<v1::PairRecord> PairsApi::pair(const std::string& record_id) const {
  auto found = store_.find_pair(record_id);
  if (!found.ok()) return found.status();
  v1::PairRecord record;
  record.set_dataset(found->dataset);
  record.set_sequence(found->pair.sequence);
  publish::RecordRenderer renderer(store_);
  auto rendered = renderer.append(found->pair, *record.mutable_record_json());
  if (!rendered.ok()) return rendered.status();
  record.set_line(renderer.line());
  auto answer = store_.answer(found->pair.pair.answer());
  if (!answer.ok()) return answer.status();
  record.set_raw(std::move(*answer->mutable_raw()));
  return record;
}

grpc::ServerWriteReactor<v1::PairRecord>* PairsApi::walk(const std::string& dataset, const std::string& where,
                                                         PairWalk::Bounds bounds) const {
  absl::Status wrong = store_.dataset(dataset).status();
  auto parsed = corpus::Where::parse(where);
  if (wrong.ok() && !parsed.ok())
    wrong = absl::InvalidArgumentError(absl::StrCat("where: ", parsed.status().message()));
  if (!wrong.ok())
    return Feed<v1::PairRecord>::start(pool_, [wrong] {
      FeedStep<v1::PairRecord> step;
      step.status = wrong;
      return step;
    });
  auto walk = std::make_shared<PairWalk>(store_, dataset, *std::move(parsed), bounds);
  return Feed<v1::PairRecord>::start(pool_, [walk] { return walk->next(); });
}

grpc::ServerWriteReactor<v1::PairRecord>* PairsApi::TailPairs(grpc::CallbackServerContext*,
                                                              const v1::TailPairsRequest* request) {
  const auto record = store_.dataset(request->dataset());
  const uint64_t pairs = record.ok() ? record->pairs() : 0;
  const uint64_t last = request->last() == 0 ? kLastDefault : request->last();
  return walk(request->dataset(), request->where(),
              {.first = pairs - std::min(last, pairs), .end = pairs, .follow = request->follow()});
}

grpc::ServerWriteReactor<v1::PairRecord>* PairsApi::ListPairs(grpc::CallbackServerContext*,
                                                              const v1::ListPairsRequest* request) {
  const auto record = store_.dataset(request->dataset());
  return walk(request->dataset(), request->where(),
              {.end = record.ok() ? record->pairs() : 0, .limit = request->limit()});
}

}  // namespace harvest::api
