#include "service/flow/batch_run.h"

#include <optional>

#include "service/flow/batch_hand_in.h"
#include "service/flow/batch_take_over.h"
#include "service/flow/batch_watch.h"
#include "service/flow/harvester.h"

namespace harvest::flow {

using dialect::BatchStanding;

namespace {

runtime::Task<void> bring_to_rest(Harvester& house, BatchRun& run) {
  if (run.in_doubt) co_await house.hold_twins(run);  // an earlier run's
  if (run.row.state() == v1::SEALED) {
    // That it is whole, and what was reserved for it, is on disk before any of it leaves.
    const bool noted = co_await house.note(run);
    if (!noted) co_return;
    const bool handed_in = co_await hand_in(house, run);
    if (!handed_in) co_return;
  }
  const std::optional<BatchStanding> standing = co_await see_end(house, run);
  if (!standing) co_return;
  bool had = true;
  if (standing->stage == BatchStanding::Stage::kFailed)
    co_await take_back(house, run, *standing);
  else
    had = co_await take_over(house, run, *standing);
  // What is missing may be wanted again.
  if (had) co_await clean_up(house, run, *standing);
}

}  // namespace

runtime::Task<void> run_batch(Harvester& house, BatchRun run) {
  co_await bring_to_rest(house, run);
  house.over(run);
}

}  // namespace harvest::flow
