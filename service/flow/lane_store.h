#pragma once

#include <boost/asio/io_context.hpp>

#include "absl/functional/any_invocable.h"
#include "service/runtime/mailbox.h"
#include "service/runtime/task.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// The store as the decision lane sees it: a change is awaited, and completions of one commit group arrive as one
/// batch. Owned by the harvester; every verb is for the decision lane only.
class LaneStore {
 public:
  struct Result {
    absl::Status status;
    store::Applied applied;
  };
  using Done = absl::AnyInvocable<void(Result)>;

  LaneStore(store::Store& store, boost::asio::io_context& lane);

  ~LaneStore();
  LaneStore(const LaneStore&) = delete;
  LaneStore& operator=(const LaneStore&) = delete;

  /// Takes the change from where it stands, in the frame of the coroutine that awaits: a change is a kilobyte of
  /// messages, too dear to be moved from hand to hand.
  runtime::Task<Result> applied(store::Change& change);
  void apply(store::Change&& change, Done done);

  const store::Store& reads() const { return store_; }
  /// Changes handed over and not yet answered.
  size_t outstanding() const { return outstanding_; }

 private:
  struct Completion {
    Done done;
    Result result;
  };

  store::Store& store_;
  runtime::Mailbox<Completion> completions_;
  size_t outstanding_ = 0;
};

}  // namespace harvest::flow
