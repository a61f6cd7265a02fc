#include "service/flow/lane_store.h"

#include <boost/asio/async_result.hpp>
#include <utility>

namespace harvest::flow {

LaneStore::LaneStore(store::Store& store, boost::asio::io_context& lane)
    : store_(store), completions_(lane, [this](std::vector<Completion> batch) {
        outstanding_ -= batch.size();
        for (Completion& completion : batch) completion.done(std::move(completion.result));
      }) {
  store_.after_each_group([this] { completions_.flush(); });
}

LaneStore::~LaneStore() {
  store_.after_each_group({});
}

void LaneStore::apply(store::Change&& change, Done done) {
  ++outstanding_;
  store_.apply(std::move(change),
               [this, done = std::move(done)](const absl::Status& status, const store::Applied& applied) mutable {
                 completions_.hold({std::move(done), {status, applied}});
               });
}

runtime::Task<LaneStore::Result> LaneStore::applied(store::Change& change) {
  return boost::asio::async_initiate<const runtime::UseTask, void(Result)>(
      [this, &change](auto handler) {
        apply(std::move(change),
              [handler = std::move(handler)](Result result) mutable { std::move(handler)(std::move(result)); });
      },
      runtime::kUseTask);
}

}  // namespace harvest::flow
