#include "service/flow/batch_search.h"

#include <algorithm>
#include <utility>

#include "service/flow/batch_call.h"
#include "service/flow/harvester.h"

namespace harvest::flow {

using dialect::BatchPage;
using dialect::BatchStanding;
using dialect::HttpExchange;
using dialect::HttpRequest;
using Found = Search::Found;

namespace {

constexpr int kPagesMax = 200;                 // of a list that does not end: 100 batches each at most vendors
constexpr int64_t kClockSkewUs = 900'000'000;  // between the vendor's clock and ours

bool is_older(const BatchRun& run, const BatchStanding& standing) {
  return standing.created_at_us != 0 && standing.created_at_us < run.row.sealed_at_us() - kClockSkewUs;
}

/// Does it have results under our members' names?
runtime::Task<Found> is_ours(Harvester& house, const BatchRun& run, const BatchStanding& standing) {
  std::vector<v1::Intent> members = house.store().reads().members(run.row);
  Found found = Found::kNo;
  for (HttpRequest& request : run.vendor->fetch(run.teacher->config(), standing)) {
    HttpRequest sent = with_room_for_results(std::move(request));
    HttpExchange exchange = co_await house.call(*run.teacher, std::move(sent));
    // What is too large is not ours, and what is gone was never fetched by us.
    if (is_gone(exchange) || exchange.error == dialect::WireError::kTooLarge) continue;
    if (!is_ok(exchange)) {
      hear(house, run, exchange);
      found = Found::kNotYetKnown;
      continue;
    }
    const auto ends = co_await house.read(run, std::move(exchange), members);
    if (!ends.ok())
      found = Found::kNotYetKnown;
    else if (!ends->empty())
      co_return Found::kYes;
  }
  co_return found;
}

runtime::Task<Found> look_at(Harvester& house, const BatchRun& run, const BatchStanding& standing) {
  if (run.vendor->keeps_token()) co_return standing.token == run.row.token() ? Found::kYes : Found::kNo;
  if (is_older(run, standing) || house.knows_batch(run.row.teacher(), standing.id)) co_return Found::kNo;
  if (standing.stage == BatchStanding::Stage::kRunning) co_return Found::kNotYetKnown;
  if (standing.members != 0 && standing.members != run.row.members()) co_return Found::kNo;
  co_return co_await is_ours(house, run, standing);
}

}  // namespace

runtime::Task<Search> search(Harvester& house, const BatchRun& run) {
  std::string page;
  Search search;
  for (int pages = 0; pages < kPagesMax; ++pages) {
    HttpRequest request = with_room_for_results(run.vendor->list(run.teacher->config(), page));
    const HttpExchange exchange = co_await house.call(*run.teacher, std::move(request));
    if (!is_ok(exchange)) {
      hear(house, run, exchange);
      co_return Search{Found::kNotYetKnown, ""};
    }
    const absl::StatusOr<BatchPage> listed = run.vendor->read_page(exchange.body, page);
    if (!listed.ok()) co_return Search{Found::kNotYetKnown, ""};
    for (const BatchStanding& standing : listed->batches) {
      const Found found = co_await look_at(house, run, standing);
      if (found == Found::kYes) co_return Search{found, standing.id};
      if (found == Found::kNotYetKnown) search.found = found;
    }
    // The newest stand first: behind a page that is all older, everything is.
    const bool passed =
        !listed->batches.empty() && std::all_of(listed->batches.begin(), listed->batches.end(),
                                                [&](const BatchStanding& standing) { return is_older(run, standing); });
    if (passed || listed->next.empty() || listed->next == page) co_return search;
    page = listed->next;
  }
  co_return Search{Found::kNotYetKnown, ""};
}

}  // namespace harvest::flow
