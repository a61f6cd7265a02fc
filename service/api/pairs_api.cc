#include "service/api/pairs_api.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "service/api/intake_stream.h"
#include "service/publish/record_renderer.h"

namespace harvest::api {

namespace {

constexpr uint64_t kLastDefault = 10;

}  // namespace

grpc::ServerUnaryReactor* PairsApi::GetPair(grpc::CallbackServerContext* context, const v1::GetPairRequest* request,
                                            v1::PairRecord* reply) {
  return answer(door_, context, reply,
                [this, request](const access::Principal& who) { return pair(who, request->record_id()); });
}

absl::StatusOr<v1::PairRecord> PairsApi::pair(const access::Principal& who, const std::string& record_id) const {
  auto found = store_.find_pair(record_id);
  if (!found.ok()) return found.status();
  if (!who.sees(found->pair.pair.tenant())) return absl::NotFoundError(absl::StrCat("there is no pair ", record_id));
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

grpc::ServerWriteReactor<v1::PairRecord>* PairsApi::walk(const grpc::CallbackServerContext* context,
                                                         const std::string& dataset, const std::string& where,
                                                         PairWalk::Bounds bounds) const {
  // Nothing is read or parsed for a caller who is not let in.
  const auto begin = [this, dataset, where,
                      bounds](const access::Principal& who) -> absl::StatusOr<std::unique_ptr<PairWalk>> {
    const auto record = store_.dataset(dataset);
    if (!who.sees(record.ok() ? record->tenant() : ""))
      return absl::NotFoundError(absl::StrCat("there is no dataset ", dataset));
    if (!record.ok()) return record.status();
    auto parsed = corpus::Where::parse(where);
    if (!parsed.ok()) return absl::InvalidArgumentError(absl::StrCat("where: ", parsed.status().message()));
    return std::make_unique<PairWalk>(store_, dataset, *std::move(parsed), bounds);
  };
  auto walk = std::make_shared<std::unique_ptr<PairWalk>>();
  return Feed<v1::PairRecord>::start(door_, context, [begin, walk](const access::Principal& who) {
    if (*walk != nullptr) return (*walk)->next();
    auto begun = begin(who);
    FeedStep<v1::PairRecord> step;
    step.status = begun.status();
    if (!begun.ok()) return step;
    *walk = *std::move(begun);
    return (*walk)->next();
  });
}

grpc::ServerWriteReactor<v1::PairRecord>* PairsApi::TailPairs(grpc::CallbackServerContext* context,
                                                              const v1::TailPairsRequest* request) {
  const auto record = store_.dataset(request->dataset());
  const uint64_t pairs = record.ok() ? record->pairs() : 0;
  const uint64_t last = request->last() == 0 ? kLastDefault : request->last();
  return walk(context, request->dataset(), request->where(),
              {.first = pairs - std::min(last, pairs), .end = pairs, .follow = request->follow()});
}

grpc::ServerWriteReactor<v1::PairRecord>* PairsApi::ListPairs(grpc::CallbackServerContext* context,
                                                              const v1::ListPairsRequest* request) {
  const auto record = store_.dataset(request->dataset());
  return walk(context, request->dataset(), request->where(),
              {.end = record.ok() ? record->pairs() : 0, .limit = request->limit()});
}

grpc::ServerReadReactor<v1::ImportPairsRequest>* PairsApi::ImportPairs(grpc::CallbackServerContext* context,
                                                                       v1::ImportPairsReply* reply) {
  return IntakeStream<v1::ImportPairsRequest>::start(
      door_, *context, [this, reply](const access::Principal& who, const v1::ImportPairsRequest& request) {
        if (request.has_rights() && !who.roles.has(access::Role::kRights))
          return absl::PermissionDeniedError(absl::StrCat("rights: found some, stated by ", who.name,
                                                          ", expected one with the role rights to state "
                                                          "them (without any the pairs come in as of unknown rights)"));
        const auto done = pair_import_.import(request, caller_of(who));
        if (!done.ok()) return done.status();
        reply->set_pairs(reply->pairs() + done->pairs());
        reply->set_held_before(reply->held_before() + done->held_before());
        return absl::OkStatus();
      });
}

}  // namespace harvest::api
