#include "service/api/pairs_api.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/api/feed.h"
#include "service/publish/record_renderer.h"

namespace harvest::api {

namespace {

constexpr size_t kPairsPage = 64;
constexpr uint64_t kLastDefault = 10;
constexpr auto kFollowEvery = std::chrono::milliseconds(500);

/// Where a tail has come to.
struct Tail {
  explicit Tail(const store::Store& store) : renderer(store) {}
  publish::RecordRenderer renderer;
  std::vector<store::Store::SequencedPair> page;
  size_t next_in_page = 0;
  uint64_t next_sequence = 0;
};

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

grpc::ServerWriteReactor<v1::PairRecord>* PairsApi::TailPairs(grpc::CallbackServerContext*,
                                                              const v1::TailPairsRequest* request) {
  auto tail = std::make_shared<Tail>(store_);
  if (auto record = store_.dataset(request->dataset()); record.ok()) {
    const uint64_t last = request->last() == 0 ? kLastDefault : request->last();
    tail->next_sequence = record->pairs() - std::min<uint64_t>(last, record->pairs());
  }
  return Feed<v1::PairRecord>::start(pool_, [this, tail, name = request->dataset(), follow = request->follow()] {
    FeedStep<v1::PairRecord> step;
    if (auto record = store_.dataset(name); !record.ok()) {
      step.status = record.status();
      return step;
    }
    if (tail->next_in_page == tail->page.size()) {
      tail->page = store_.pairs(name, tail->next_sequence, kPairsPage);
      tail->next_in_page = 0;
    }
    if (tail->page.empty()) {
      step.last = !follow;
      step.pause = kFollowEvery;
      return step;
    }
    const store::Store::SequencedPair& pair = tail->page[tail->next_in_page++];
    tail->next_sequence = pair.sequence + 1;
    v1::PairRecord record;
    record.set_dataset(name);
    record.set_sequence(pair.sequence);
    auto rendered = tail->renderer.append(pair, *record.mutable_record_json());
    if (!rendered.ok()) {
      step.status = rendered.status();
      return step;
    }
    record.set_line(tail->renderer.line());
    step.value = std::move(record);
    return step;
  });
}

}  // namespace harvest::api
