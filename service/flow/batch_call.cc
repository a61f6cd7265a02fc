#include "service/flow/batch_call.h"

#include <algorithm>
#include <utility>

#include "service/flow/harvester.h"
#include "service/observe/log.h"

namespace harvest::flow {

namespace log = observe::log;
using dialect::HaltCause;
using dialect::HttpExchange;
using dialect::HttpRequest;
using dialect::Outcome;
using Seconds = std::chrono::seconds;

bool is_ok(const HttpExchange& exchange) {
  return exchange.error == dialect::WireError::kNone && exchange.status / 100 == 2;
}

bool is_gone(const HttpExchange& exchange) {
  constexpr int kNotFound = 404;
  constexpr int kGone = 410;
  return exchange.error == dialect::WireError::kNone && (exchange.status == kNotFound || exchange.status == kGone);
}

HttpRequest with_room_for_results(HttpRequest request) {
  constexpr int64_t kBytesMax = 512 << 20;
  request.response_bytes_max = kBytesMax;
  request.time_max = std::chrono::hours(1);
  return request;
}

bool shuts_us_out(const Outcome& outcome) {
  return outcome.halt_cause == HaltCause::kAccess || outcome.halt_cause == HaltCause::kBilling;
}

Outcome hear(Harvester& house, const BatchRun& run, const HttpExchange& exchange) {
  Outcome outcome = run.teacher->dialect().decode(exchange, house.utc_us());
  if (shuts_us_out(outcome)) house.halted_by_batch(run, outcome);
  return outcome;
}

Seconds poll_every(const BatchRun& run) {
  return Seconds(run.teacher->config().batch().poll_seconds());
}

Seconds wait_after(const BatchRun& run, int failures, const Outcome& outcome) {
  Seconds wait = std::min(kLongestWait, poll_every(run) * (1 << std::min(failures, 6)));
  if (outcome.retry_after) wait = std::max(wait, std::chrono::ceil<Seconds>(*outcome.retry_after));
  return wait;
}

runtime::Task<bool> wait(Harvester& house, BatchRun& run, std::string why, Seconds length) {
  log::warn("batch_waits", {{"teacher", run.row.teacher()},
                            {"batch", run.row.number()},
                            {"seconds", static_cast<int64_t>(length.count())},
                            {"reason", why}});
  if (why != run.row.message()) {
    run.row.set_message(std::move(why));
    const bool noted = co_await house.note(run);
    if (!noted) co_return false;
  }
  co_return co_await house.pause(length);
}

runtime::Task<bool> end(Harvester& house, BatchRun& run, v1::BatchState state) {
  run.row.set_state(state);
  run.row.set_ended_at_us(house.utc_us());
  co_return co_await house.note(run);
}

runtime::Task<void> dissolve(Harvester& house, BatchRun& run, std::string why) {
  std::vector<MemberEnd> ends;
  for (v1::Intent& intent : house.store().reads().members(run.row)) {
    MemberEnd& end = ends.emplace_back();
    end.intent = std::move(intent);
    end.asked = false;
  }
  run.row.set_message(std::move(why));
  co_await house.settle(run, std::move(ends));
  co_await end(house, run, v1::DISSOLVED);
  log::info("batch_dissolved",
            {{"teacher", run.row.teacher()}, {"batch", run.row.number()}, {"reason", run.row.message()}});
}

}  // namespace harvest::flow
