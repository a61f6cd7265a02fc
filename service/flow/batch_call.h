#pragma once

#include <chrono>
#include <string>

#include "service/dialect/http_message.h"
#include "service/dialect/outcome.h"
#include "service/flow/batch_run.h"

/// What the steps of a batch run share: how answers of the vendor's batch interface are heard, and how long a step
/// waits.
namespace harvest::flow {

bool is_ok(const dialect::HttpExchange& exchange);
/// It knows no such thing, or has it no more.
bool is_gone(const dialect::HttpExchange& exchange);

/// Of an answer that may hold results, which one vendor tells with the standing: what our batches are bounded to fits
/// in many times over (harvester_batches.cc), and it is long under way.
dialect::HttpRequest with_room_for_results(dialect::HttpRequest request);

/// It tells of access or money: the teacher serves us no more, by batch or online.
bool shuts_us_out(const dialect::Outcome& outcome);
/// What an answer that is not OK comes to. One that tells of access or money halts the teacher, as it would online.
dialect::Outcome hear(Harvester& house, const BatchRun& run, const dialect::HttpExchange& exchange);

std::chrono::seconds poll_every(const BatchRun& run);
/// Longer after each time that it failed; at least what the vendor asked for.
std::chrono::seconds wait_after(const BatchRun& run, int failures, const dialect::Outcome& outcome);
/// The longest of them.
inline constexpr std::chrono::seconds kLongestWait{900};
/// So many times in a row a vendor must say that a thing is not there.
inline constexpr int kGoneAfter = 5;

/// Waits, after its row says why. False: the service ends.
runtime::Task<bool> wait(Harvester& house, BatchRun& run, std::string why, std::chrono::seconds length);

/// Its members are at rest: so is its row. False: the service ends.
runtime::Task<bool> end(Harvester& house, BatchRun& run, v1::BatchState state);
/// The vendor never had it, or never began it: its members wait again, unbilled.
runtime::Task<void> dissolve(Harvester& house, BatchRun& run, std::string why);

}  // namespace harvest::flow
