#include "service/flow/batch_watch.h"

#include <utility>

#include "service/flow/batch_call.h"
#include "service/flow/harvester.h"
#include "service/observe/log.h"

namespace harvest::flow {

namespace log = observe::log;
using dialect::BatchStanding;
using dialect::HttpExchange;
using dialect::HttpRequest;
using dialect::Outcome;
using Stage = BatchStanding::Stage;

namespace {

/// What the vendor said of it, on disk where it is news.
runtime::Task<bool> note_standing(Harvester& house, BatchRun& run, const BatchStanding& standing) {
  if (standing.vendor_status == run.row.vendor_status() && run.row.message().empty()) co_return true;
  run.row.set_vendor_status(standing.vendor_status);
  run.row.clear_message();
  co_return co_await house.note(run);
}

/// Its job was cancelled, may not go on (an alert, a contract that ended) or is late: what is not answered yet need not
/// be. A request that is not heard is made again at the next look.
runtime::Task<bool> cancel_where_due(Harvester& house, BatchRun& run) {
  if (run.row.cancel_asked()) co_return true;
  const absl::Status still = house.may_still_ask(run);
  if (still.ok()) co_return true;
  HttpRequest cancel = run.vendor->cancel(run.teacher->config(), run.row.vendor_id());
  const HttpExchange told = co_await house.call(*run.teacher, std::move(cancel));
  if (!is_ok(told)) {
    log::warn(
        "batch_not_cancelled",
        {{"teacher", run.row.teacher()}, {"batch", run.row.number()}, {"error", hear(house, run, told).reason()}});
    co_return true;
  }
  run.row.set_cancel_asked(true);
  log::info("batch_cancelled",
            {{"teacher", run.row.teacher()}, {"batch", run.row.number()}, {"reason", still.message()}});
  co_return co_await house.note(run);
}

BatchStanding unknown(const BatchRun& run) {
  BatchStanding gone;
  gone.id = run.row.vendor_id();
  gone.stage = Stage::kEnded;
  gone.vendor_status = kUnknownToVendor;
  return gone;
}

}  // namespace

runtime::Task<std::optional<BatchStanding>> see_end(Harvester& house, BatchRun& run) {
  for (int failures = 0, lost = 0;;) {
    HttpRequest look = with_room_for_results(run.vendor->look(run.teacher->config(), run.row.vendor_id()));
    const HttpExchange exchange = co_await house.call(*run.teacher, std::move(look));
    absl::StatusOr<BatchStanding> standing = absl::UnknownError("");
    if (is_ok(exchange)) standing = run.vendor->read_standing(exchange.body);
    bool goes_on = true;
    if (standing.ok()) {
      failures = lost = 0;
      goes_on = co_await note_standing(house, run, *standing);
      if (goes_on && standing->stage != Stage::kRunning) co_return *std::move(standing);
      if (goes_on) goes_on = co_await cancel_where_due(house, run);
      if (goes_on) goes_on = co_await house.pause(house.until_look(run, poll_every(run)));
    } else {
      lost = is_gone(exchange) ? lost + 1 : 0;
      if (lost >= kGoneAfter) co_return unknown(run);
      Outcome outcome;
      std::string why(standing.status().message());
      if (!is_ok(exchange)) {
        outcome = hear(house, run, exchange);
        why = outcome.reason();
      }
      goes_on = co_await wait(house, run, std::move(why), house.until_look(run, wait_after(run, failures++, outcome)));
    }
    if (!goes_on) co_return std::nullopt;
  }
}

}  // namespace harvest::flow
