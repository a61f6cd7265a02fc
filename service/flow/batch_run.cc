#include "service/flow/batch_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/flow/batch_members.h"
#include "service/flow/harvester.h"
#include "service/observe/log.h"

namespace harvest::flow {

namespace log = observe::log;
using dialect::BatchStanding;
using dialect::HttpExchange;
using dialect::HttpRequest;
using dialect::Outcome;
using Seconds = std::chrono::seconds;

namespace {

constexpr int kPagesMax = 20;                  // of a vendor's list: 100 batches each at most vendors
constexpr int64_t kClockSkewUs = 900'000'000;  // between the vendor's clock and ours
constexpr int kLostAfter = 5;                  // times in a row that the vendor does not know it
constexpr int kAbsentEnough =
    2;  // looks in which it is not there: the first may have come before the vendor's own book
constexpr Seconds kLongestWait{900};
constexpr int64_t kResultBytesMax = 512 << 20;

bool is_ok(const HttpExchange& exchange) {
  return exchange.error == dialect::WireError::kNone && exchange.status / 100 == 2;
}

Seconds poll_every(const BatchRun& run) {
  return Seconds(run.teacher->config().batch().poll_seconds());
}

/// Longer after each time that it failed; at least what the vendor asked for.
Seconds wait_after(const BatchRun& run, int failures, const Outcome& outcome) {
  Seconds wait = std::min(kLongestWait, poll_every(run) * (1 << std::min(failures, 6)));
  if (outcome.retry_after) wait = std::max(wait, std::chrono::ceil<Seconds>(*outcome.retry_after));
  return wait;
}

/// What looking for a batch came to.
struct Search {
  enum class Found { kYes, kNo, kNotYetKnown } found = Found::kNo;
  std::string id;
};

/// A batch without a token of ours is known by its members' names, once it has results.
runtime::Task<bool> is_ours(Harvester& house, const BatchRun& run, const BatchStanding& standing) {
  std::vector<v1::Intent> members = house.store().reads().members(run.row);
  for (HttpRequest& request : run.vendor->fetch(run.teacher->config(), standing)) {
    request.response_bytes_max = kResultBytesMax;
    HttpRequest sent = std::move(request);
    const HttpExchange exchange = co_await house.call(*run.teacher, std::move(sent));
    if (!is_ok(exchange)) continue;
    const auto ends = read_ends(*run.vendor, run.teacher->dialect(), exchange.body, members, house.utc_us());
    if (ends.ok() && !ends->empty()) co_return true;
  }
  co_return false;
}

runtime::Task<Search> search(Harvester& house, const BatchRun& run) {
  std::string page;
  Search search;
  for (int pages = 0; pages < kPagesMax; ++pages) {
    HttpRequest request = run.vendor->list(run.teacher->config(), page);
    const HttpExchange exchange = co_await house.call(*run.teacher, std::move(request));
    if (!is_ok(exchange)) co_return Search{Search::Found::kNotYetKnown, ""};
    auto listed = run.vendor->read_page(exchange.body, page);
    if (!listed.ok()) co_return Search{Search::Found::kNotYetKnown, ""};
    for (const BatchStanding& standing : listed->batches) {
      if (run.vendor->keeps_token()) {
        if (standing.token == run.row.token()) co_return Search{Search::Found::kYes, standing.id};
        continue;
      }
      const bool older = standing.created_at_us != 0 && standing.created_at_us < run.row.sealed_at_us() - kClockSkewUs;
      if (older || house.knows_batch(run.row.teacher(), standing.id)) continue;
      if (standing.stage == BatchStanding::Stage::kRunning) {
        search.found = Search::Found::kNotYetKnown;
        continue;
      }
      const bool ours = co_await is_ours(house, run, standing);
      if (ours) co_return Search{Search::Found::kYes, standing.id};
    }
    if (listed->next.empty() || listed->next == page) break;
    page = listed->next;
  }
  co_return search;
}

/// The vendor has it, under this name: on disk before anything is built upon it.
runtime::Task<bool> note_handed_in(Harvester& house, BatchRun& run, const std::string& id) {
  run.row.set_state(v1::HANDED_IN);
  run.row.set_vendor_id(id);
  run.row.set_handed_in_at_us(house.utc_us());
  run.row.clear_message();
  log::info(
      "batch_handed_in",
      {{"teacher", run.row.teacher()}, {"batch", run.row.number()}, {"vendor_id", id}, {"members", run.row.members()}});
  co_return co_await house.note(run);
}

/// The vendor never had it: its members wait again.
runtime::Task<void> dissolve(Harvester& house, BatchRun& run, std::string why) {
  std::vector<MemberEnd> ends;
  for (v1::Intent& intent : house.store().reads().members(run.row)) {
    MemberEnd& end = ends.emplace_back();
    end.intent = std::move(intent);
    end.asked = false;
  }
  run.row.set_message(std::move(why));
  co_await house.settle(run, std::move(ends));
  run.row.set_state(v1::DISSOLVED);
  run.row.set_ended_at_us(house.utc_us());
  co_await house.note(run);
}

runtime::Task<bool> hand_in(Harvester& house, BatchRun& run) {
  for (int failures = 0, absent = 0;;) {
    Outcome outcome;
    if (house.may_hand_in(run)) {
      if (run.in_doubt) {
        const Search found = co_await search(house, run);
        if (found.found == Search::Found::kYes) co_return co_await note_handed_in(house, run, found.id);
        if (found.found == Search::Found::kNo) run.in_doubt = ++absent < kAbsentEnough;
      }
      if (const absl::Status still = house.may_still_ask(run); !run.in_doubt && !still.ok()) {
        co_await dissolve(house, run, std::string(still.message()));
        co_return false;
      }
      if (!run.in_doubt) {
        std::vector<dialect::BatchMember> members = co_await house.encode(run);
        const dialect::BatchOrder order{run.row.token(), members};
        std::string file;
        bool ready = true;
        if (std::optional<HttpRequest> upload = run.vendor->upload(run.teacher->config(), order)) {
          HttpRequest request = *std::move(upload);
          const HttpExchange exchange = co_await house.call(*run.teacher, std::move(request));
          absl::StatusOr<std::string> told =
              is_ok(exchange) ? run.vendor->read_file(exchange.body) : absl::UnknownError("");
          ready = told.ok();
          if (ready)
            file = *std::move(told);
          else
            outcome = run.teacher->dialect().decode(exchange, house.utc_us());
        }
        if (ready) {
          HttpRequest request = run.vendor->create(run.teacher->config(), order, file);
          const HttpExchange exchange = co_await house.call(*run.teacher, std::move(request));
          if (is_ok(exchange)) {
            const auto standing = run.vendor->read_standing(exchange.body);
            if (standing.ok() && !standing->id.empty()) co_return co_await note_handed_in(house, run, standing->id);
            run.in_doubt = true;
          } else {
            outcome = run.teacher->dialect().decode(exchange, house.utc_us());
            if (outcome.kind == v1::REJECTED) {
              house.stop_batches_of(run, outcome.reason());
              co_await dissolve(house, run, outcome.reason());
              co_return false;
            }
            run.in_doubt = outcome.kind == v1::FAULTED && exchange.sent;
          }
        }
        if (outcome.kind == v1::HALTED) house.halted_by_batch(run, outcome);
        if (!outcome.reason().empty()) run.row.set_message(outcome.reason());
        ++failures;
        log::warn("batch_waits",
                  {{"teacher", run.row.teacher()}, {"batch", run.row.number()}, {"reason", run.row.message()}});
      }
    }
    const Seconds wait = wait_after(run, std::max(failures - 1, 0), outcome);
    const bool goes_on = co_await house.pause(wait);
    if (!goes_on) co_return false;
  }
}

/// Until it is running no more; none: the service ends.
runtime::Task<std::optional<BatchStanding>> see_end(Harvester& house, BatchRun& run) {
  for (int failures = 0, lost = 0;;) {
    Outcome outcome;
    HttpRequest look = run.vendor->look(run.teacher->config(), run.row.vendor_id());
    const HttpExchange exchange = co_await house.call(*run.teacher, std::move(look));
    absl::StatusOr<BatchStanding> standing = absl::UnknownError("");
    if (is_ok(exchange)) standing = run.vendor->read_standing(exchange.body);
    if (standing.ok()) {
      failures = lost = 0;
      if (standing->vendor_status != run.row.vendor_status()) {
        run.row.set_vendor_status(standing->vendor_status);
        const bool noted = co_await house.note(run);
        if (!noted) co_return std::nullopt;
      }
      if (standing->stage != BatchStanding::Stage::kRunning) co_return *std::move(standing);
      const bool late = run.row.online_at_us() > 0 && house.utc_us() >= run.row.online_at_us();
      if (!run.row.cancel_asked() && (late || house.cancelled(run))) {
        HttpRequest cancel = run.vendor->cancel(run.teacher->config(), run.row.vendor_id());
        const HttpExchange told = co_await house.call(*run.teacher, std::move(cancel));
        run.row.set_cancel_asked(is_ok(told));
        const bool noted = co_await house.note(run);
        if (!noted) co_return std::nullopt;
        log::info("batch_cancelled", {{"teacher", run.row.teacher()}, {"batch", run.row.number()}, {"late", late}});
      }
    } else {
      outcome = run.teacher->dialect().decode(exchange, house.utc_us());
      ++failures;
      if (exchange.status == 404 && ++lost >= kLostAfter) {
        BatchStanding gone;
        gone.id = run.row.vendor_id();
        gone.stage = BatchStanding::Stage::kEnded;
        gone.vendor_status = "unknown to the vendor";
        co_return gone;
      }
    }
    const Seconds wait =
        failures == 0 ? house.until_look(run, poll_every(run)) : wait_after(run, failures - 1, outcome);
    const bool goes_on = co_await house.pause(wait);
    if (!goes_on) co_return std::nullopt;
  }
}

/// It never began: nothing was answered or billed. Lines that are named are rejected, the others go again.
std::vector<MemberEnd> never_begun(std::vector<v1::Intent> members, const BatchStanding& standing) {
  std::vector<MemberEnd> ends;
  for (size_t i = 0; i < members.size(); ++i) {
    MemberEnd& end = ends.emplace_back();
    end.intent = std::move(members[i]);
    end.outcome.kind = standing.queue_full ? v1::THROTTLED : v1::FAULTED;
    end.outcome.retry = dialect::Retry::kSafe;
    end.outcome.vendor_code = "batch_failed";
    end.outcome.message = standing.vendor_status;
    end.exchange.sent = true;
    for (const BatchStanding::Complaint& complaint : standing.complaints) {
      if (complaint.line != 0 && complaint.line != i + 1) continue;
      if (complaint.line != 0) {
        end.outcome.kind = v1::REJECTED;
        end.outcome.retry = dialect::Retry::kPermanent;
      }
      end.outcome.vendor_code = complaint.code;
      end.outcome.message = complaint.message;
    }
    if (standing.queue_full) end.outcome.retry_after = kLongestWait;
  }
  return ends;
}

/// Every result that there is, then those of whom nothing is said. False: the service ends first.
runtime::Task<bool> take_over(Harvester& house, BatchRun& run, const BatchStanding& standing) {
  std::vector<v1::Intent> members = house.store().reads().members(run.row);
  if (standing.stage == BatchStanding::Stage::kFailed) {
    if (members.size() != run.row.members())
      log::warn("batch_failed_in_part", {{"batch", run.row.number()}, {"members", members.size()}});
    std::vector<MemberEnd> ends = never_begun(std::move(members), standing);
    co_await house.settle(run, std::move(ends));
    co_return true;
  }
  const bool known = standing.vendor_status != "unknown to the vendor";
  std::vector<HttpRequest> fetches;
  if (known) fetches = run.vendor->fetch(run.teacher->config(), standing);
  for (HttpRequest& fetch : fetches) {
    fetch.response_bytes_max = kResultBytesMax;
    for (int failures = 0;;) {
      HttpRequest request = fetch;
      HttpExchange exchange = co_await house.call(*run.teacher, std::move(request));
      absl::StatusOr<std::vector<MemberEnd>> ends = absl::UnavailableError("the results cannot be fetched");
      if (is_ok(exchange)) ends = co_await house.read(run, std::move(exchange), members);
      if (ends.ok()) {
        co_await house.settle(run, *std::move(ends));
        break;
      }
      // Results that never become readable: what is left of the members is told as at risk below.
      if (++failures >= kLostAfter) break;
      const bool goes_on = co_await house.pause(wait_after(run, failures - 1, {}));
      if (!goes_on) co_return false;
    }
  }
  // The vendor says nothing of them: they may have been answered and billed.
  std::vector<MemberEnd> silent;
  for (v1::Intent& intent : members) {
    MemberEnd& end = silent.emplace_back();
    end.intent = std::move(intent);
    end.outcome.kind = v1::FAULTED;
    end.outcome.retry = dialect::Retry::kAmbiguous;
    end.outcome.vendor_code = "no_batch_result";
    end.outcome.message =
        absl::StrCat("the batch ended (", standing.vendor_status, ") without a result for this query");
    end.exchange.sent = true;
  }
  if (!silent.empty()) log::error("batch_results_missing", {{"batch", run.row.number()}, {"members", silent.size()}});
  co_await house.settle(run, std::move(silent));
  co_return true;
}

}  // namespace

runtime::Task<void> run_batch(Harvester& house, BatchRun run) {
  if (run.in_doubt) co_await house.hold_twins(run);  // an earlier run's
  if (run.row.state() == v1::SEALED) {
    // That it is whole, and what was reserved for it, is on disk before any of it leaves.
    const bool noted = co_await house.note(run);
    if (!noted) co_return house.over(run);
    const bool handed_in = co_await hand_in(house, run);
    if (!handed_in) co_return house.over(run);
  }
  const std::optional<BatchStanding> standing = co_await see_end(house, run);
  if (!standing) co_return house.over(run);
  const bool taken = co_await take_over(house, run, *standing);
  if (taken) {
    run.row.set_state(v1::TAKEN_OVER);
    run.row.set_ended_at_us(house.utc_us());
    co_await house.note(run);
    log::info("batch_taken_over",
              {{"teacher", run.row.teacher()}, {"batch", run.row.number()}, {"status", run.row.vendor_status()}});
  }
  house.over(run);
}

}  // namespace harvest::flow
