#include "service/flow/lane_store.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace harvest::flow {

LaneStore::LaneStore(store::Store& store, boost::asio::io_context& lane)
    : store_(store), completions_(lane, [this](std::vector<Completion> batch) {
        outstanding_ -= batch.size();
        for (Completion& completion : batch) completion.done(std::move(completion.result));
      }) {}

void LaneStore::apply(store::Change change, Done done) {
  ++outstanding_;
  store_.apply(std::move(change),
               [this, done = std::move(done)](const absl::Status& status, const store::Applied& applied) mutable {
                 completions_.push({std::move(done), {status, applied}});
               });
}

boost::asio::awaitable<LaneStore::Result> LaneStore::apply(store::Change change) {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Result)>(
      [this](auto handler, store::Change given) {
        apply(std::move(given),
              [handler = std::move(handler)](Result result) mutable { std::move(handler)(std::move(result)); });
      },
      boost::asio::use_awaitable, std::move(change));
}

}  // namespace harvest::flow
