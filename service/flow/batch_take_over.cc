#include "service/flow/batch_take_over.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/flow/batch_call.h"
#include "service/flow/batch_members.h"
#include "service/flow/batch_watch.h"
#include "service/flow/harvester.h"
#include "service/observe/log.h"

namespace harvest::flow {

namespace log = observe::log;
using dialect::BatchStanding;
using dialect::HttpExchange;
using dialect::HttpRequest;
using dialect::Outcome;

namespace {

constexpr int64_t kBytesMax = int64_t{2} << 30;  // no vendor makes larger files
constexpr int kUnreadableMax = 20;               // hours of them: another look will not mend it

enum class Fetched : uint8_t { kYes, kNever, kServiceEnds };

/// One body of results. Those it names are taken out of the members.
runtime::Task<Fetched> fetch_results(Harvester& house, BatchRun& run, HttpRequest fetch,
                                     std::vector<v1::Intent>& members) {
  fetch = with_room_for_results(std::move(fetch));
  for (int failures = 0, gone = 0, unreadable = 0;; ++failures) {
    HttpRequest request = fetch;
    HttpExchange exchange = co_await house.call(*run.teacher, std::move(request));
    Outcome outcome;
    std::string why;
    gone = is_gone(exchange) ? gone + 1 : 0;
    if (is_ok(exchange)) {
      auto ends = co_await house.read(run, std::move(exchange), members);
      if (ends.ok()) {
        co_await house.settle(run, *std::move(ends));
        co_return Fetched::kYes;
      }
      why = std::string(ends.status().message());
      ++unreadable;
    } else if (exchange.error == dialect::WireError::kTooLarge) {
      why = absl::StrCat("results of more than ", fetch.response_bytes_max, " bytes");
      if (fetch.response_bytes_max >= kBytesMax) ++unreadable;
      fetch.response_bytes_max = std::min(kBytesMax, fetch.response_bytes_max * 2);
    } else {
      outcome = hear(house, run, exchange);
      why = outcome.reason();
    }
    if (gone >= kGoneAfter || unreadable >= kUnreadableMax) {
      run.row.set_message(std::move(why));
      co_return Fetched::kNever;
    }
    const bool goes_on = co_await wait(house, run, absl::StrCat("its results cannot be fetched: ", why),
                                       wait_after(run, failures, outcome));
    if (!goes_on) co_return Fetched::kServiceEnds;
  }
}

/// The vendor says nothing of them: they may have been answered and billed.
std::vector<MemberEnd> silent_ends(std::vector<v1::Intent> members, const BatchStanding& standing) {
  std::vector<MemberEnd> ends;
  for (v1::Intent& intent : members) {
    MemberEnd& end = ends.emplace_back();
    end.intent = std::move(intent);
    end.outcome.kind = v1::FAULTED;
    end.outcome.retry = dialect::Retry::kAmbiguous;
    end.outcome.vendor_code = "no_batch_result";
    end.outcome.message =
        absl::StrCat("the batch ended (", standing.vendor_status, ") without a result for this query");
    end.exchange.sent = true;
  }
  return ends;
}

/// What a complaint about the whole batch comes to, or one about a line that no line is to blame for.
Outcome blame(const BatchRun& run, const BatchStanding& standing, int64_t utc_us) {
  Outcome blamed;
  blamed.kind = standing.queue_full ? v1::THROTTLED : v1::FAULTED;
  blamed.vendor_code = "batch_failed";
  blamed.message = standing.vendor_status;
  bool found = false;
  for (const BatchStanding::Complaint& complaint : standing.complaints) {
    Outcome heard = run.teacher->dialect().decode(complaint.told, utc_us);
    const bool halts = heard.kind == v1::HALTED;
    if (found && !halts) continue;
    if (complaint.line != 0 && !halts) continue;
    found = true;
    const v1::Outcome kind = standing.queue_full ? v1::THROTTLED : heard.kind;
    blamed = std::move(heard);
    blamed.kind = kind;
    if (halts) break;
  }
  blamed.retry = dialect::Retry::kSafe;
  if (standing.queue_full) blamed.retry_after = kLongestWait;
  return blamed;
}

std::vector<MemberEnd> ends_of_failed(const BatchRun& run, std::vector<v1::Intent> members,
                                      const BatchStanding& standing, const Outcome& blamed) {
  std::vector<MemberEnd> ends;
  for (v1::Intent& intent : members) {
    MemberEnd& end = ends.emplace_back();
    end.intent = std::move(intent);
    end.outcome = blamed;
    end.exchange.sent = true;
  }
  // Lines count the members as they were handed in; a crash while they were settled has left but some of them.
  if (ends.size() != run.row.members()) return ends;
  for (const BatchStanding::Complaint& complaint : standing.complaints) {
    if (complaint.line == 0 || complaint.line > ends.size()) continue;
    Outcome& outcome = ends[complaint.line - 1].outcome;
    outcome.kind = v1::REJECTED;
    outcome.retry = dialect::Retry::kPermanent;
    outcome.vendor_code = complaint.code;
    outcome.message = complaint.message;
  }
  return ends;
}

}  // namespace

runtime::Task<bool> take_over(Harvester& house, BatchRun& run, const BatchStanding& standing) {
  std::vector<v1::Intent> members = house.store().reads().members(run.row);
  std::vector<HttpRequest> fetches;
  if (standing.vendor_status != kUnknownToVendor) fetches = run.vendor->fetch(run.teacher->config(), standing);
  for (HttpRequest& fetch : fetches) {
    HttpRequest request = std::move(fetch);
    const Fetched fetched = co_await fetch_results(house, run, std::move(request), members);
    if (fetched == Fetched::kServiceEnds) co_return false;
  }
  const bool whole = members.empty();
  if (!whole) log::error("batch_results_missing", {{"batch", run.row.number()}, {"members", members.size()}});
  std::vector<MemberEnd> silent = silent_ends(std::move(members), standing);
  co_await house.settle(run, std::move(silent));
  const bool noted = co_await end(house, run, v1::TAKEN_OVER);
  log::info("batch_taken_over",
            {{"teacher", run.row.teacher()}, {"batch", run.row.number()}, {"status", run.row.vendor_status()}});
  if (!whole || !noted) co_return false;
  co_return house.store().reads().members(run.row).empty();
}

runtime::Task<void> take_back(Harvester& house, BatchRun& run, const BatchStanding& standing) {
  const Outcome blamed = blame(run, standing, house.utc_us());
  std::string why = blamed.reason();
  if (shuts_us_out(blamed)) {
    house.halted_by_batch(run, blamed);
    co_return co_await dissolve(house, run, std::move(why));
  }
  if (blamed.kind != v1::FAULTED && blamed.kind != v1::THROTTLED) {
    house.stop_batches_of(run, why);
    co_return co_await dissolve(house, run, std::move(why));
  }
  std::vector<MemberEnd> ends = ends_of_failed(run, house.store().reads().members(run.row), standing, blamed);
  co_await house.settle(run, std::move(ends));
  run.row.set_message(std::move(why));
  co_await end(house, run, v1::DISSOLVED);
  log::warn("batch_failed",
            {{"teacher", run.row.teacher()}, {"batch", run.row.number()}, {"reason", run.row.message()}});
}

runtime::Task<void> clean_up(Harvester& house, const BatchRun& run, const BatchStanding& standing) {
  std::vector<HttpRequest> requests = run.vendor->clean_up(run.teacher->config(), standing);
  for (HttpRequest& request : requests) {
    HttpRequest sent = std::move(request);
    const HttpExchange exchange = co_await house.call(*run.teacher, std::move(sent));
    if (is_ok(exchange) || is_gone(exchange)) continue;
    log::warn("batch_files_left", {{"teacher", run.row.teacher()},
                                   {"batch", run.row.number()},
                                   {"error", run.teacher->dialect().decode(exchange, house.utc_us()).reason()}});
  }
}

}  // namespace harvest::flow
