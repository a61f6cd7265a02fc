#include "service/flow/batch_hand_in.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "service/flow/batch_call.h"
#include "service/flow/batch_search.h"
#include "service/flow/harvester.h"
#include "service/observe/log.h"

namespace harvest::flow {

namespace log = observe::log;
using dialect::HttpExchange;
using dialect::HttpRequest;
using dialect::Outcome;

namespace {

/// Looks in which it is not there: the first may have come before the vendor's own book.
constexpr int kAbsentEnough = 2;

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

/// What one try came to: the vendor's name for the batch, or why there is none.
struct Try {
  std::string id;
  Outcome outcome;
};

/// Uploads it where the vendor wants a file and has none yet, and has a batch made of it.
runtime::Task<Try> try_once(Harvester& house, BatchRun& run, std::string& file) {
  std::vector<dialect::BatchMember> members;
  if (file.empty()) members = co_await house.encode(run);  // else they are in it
  const dialect::BatchOrder order{run.row.token(), members};
  Try tried;
  std::optional<HttpRequest> upload;
  if (file.empty()) upload = run.vendor->upload(run.teacher->config(), order);
  if (upload) {
    HttpRequest request = *std::move(upload);
    const HttpExchange exchange = co_await house.call(*run.teacher, std::move(request));
    absl::StatusOr<std::string> told = absl::UnknownError("");
    if (is_ok(exchange)) told = run.vendor->read_file(exchange.body);
    if (!told.ok()) {
      tried.outcome = hear(house, run, exchange);
      co_return tried;
    }
    file = *std::move(told);
  }
  HttpRequest request = run.vendor->create(run.teacher->config(), order, file);
  const HttpExchange exchange = co_await house.call(*run.teacher, std::move(request));
  if (is_ok(exchange)) {
    const auto standing = run.vendor->read_standing(exchange.body);
    if (standing.ok()) tried.id = standing->id;
    tried.outcome.vendor_code = "no_batch_name";
    tried.outcome.message = "the vendor does not say which batch it made";
    run.in_doubt = tried.id.empty();
    co_return tried;
  }
  tried.outcome = hear(house, run, exchange);
  run.in_doubt = tried.outcome.kind == v1::FAULTED && exchange.sent;
  co_return tried;
}

/// No batch of ours is taken here, whatever the teacher takes online.
bool is_refused(const Outcome& outcome) {
  return outcome.kind == v1::REJECTED || outcome.halt_cause == dialect::HaltCause::kModel ||
         outcome.halt_cause == dialect::HaltCause::kAddress;
}

}  // namespace

runtime::Task<bool> hand_in(Harvester& house, BatchRun& run) {
  std::string file;  // what was uploaded: one that no batch was made of is used again
  for (int failures = 0, absent = 0;;) {
    Try tried;
    std::string why;
    if (house.may_hand_in(run)) {
      if (run.in_doubt) {
        const Search found = co_await search(house, run);
        if (found.found == Search::Found::kYes) co_return co_await note_handed_in(house, run, found.id);
        absent = found.found == Search::Found::kNo ? absent + 1 : 0;
        run.in_doubt = absent < kAbsentEnough;
        why = "whether the vendor has it is not known yet";
      }
      if (const absl::Status still = house.may_still_ask(run); !run.in_doubt && !still.ok()) {
        co_await dissolve(house, run, std::string(still.message()));
        co_return false;
      }
      if (!run.in_doubt) {
        tried = co_await try_once(house, run, file);
        absent = 0;  // a creation that is in doubt now is another than the one that was looked for
        if (!tried.id.empty()) co_return co_await note_handed_in(house, run, tried.id);
        why = tried.outcome.reason();
        if (is_refused(tried.outcome)) {
          house.stop_batches_of(run, why);
          co_await dissolve(house, run, std::move(why));
          co_return false;
        }
      }
      ++failures;
    }
    const std::chrono::seconds length =
        house.until_look(run, wait_after(run, std::max(failures - 1, 0), tried.outcome));
    bool goes_on = false;
    if (why.empty())
      goes_on = co_await house.pause(length);
    else
      goes_on = co_await wait(house, run, std::move(why), length);
    if (!goes_on) co_return false;
  }
}

}  // namespace harvest::flow
