// The harvester's side of a batch run: calls, sleep, rows, and what becomes of its members.
#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cassert>
#include <utility>

#include "service/flow/harvester.h"
#include "service/observe/log.h"

namespace harvest::flow {

namespace log = observe::log;

namespace {

/// Members whose prompts are read, and whose ends are kept, at a time.
constexpr size_t kChunk = 128;

/// Does what takes long on another lane, and comes back.
template <typename Result, typename Work>
runtime::Task<Result> elsewhere(boost::asio::io_context& there, boost::asio::io_context& here, Work work) {
  return boost::asio::async_initiate<const runtime::UseTask, void(Result)>(
      [&there, &here](auto handler, Work given) {
        boost::asio::post(there, [&here, handler = std::move(handler), given = std::move(given)]() mutable {
          auto result = std::make_shared<Result>(given());
          boost::asio::post(here, [handler = std::move(handler), result = std::move(result)]() mutable {
            std::move(handler)(std::move(*result));
          });
        });
      },
      runtime::kUseTask, std::move(work));
}

}  // namespace

runtime::Task<dialect::HttpExchange> Harvester::call(TeacherDesk& teacher, dialect::HttpRequest request) {
  // Batches and files are where they were made, and nowhere else: of several endpoints the first has them all.
  constexpr size_t kEndpoint = 0;
  co_return co_await teacher.line().ask(kEndpoint, std::move(request));
}

runtime::Task<bool> Harvester::pause(std::chrono::seconds length) {
  boost::asio::steady_timer timer(parts_.lane, length);
  batch_sleeps();
  co_await timer.async_wait(runtime::kUseTask);
  ++batches_busy_;
  co_return !draining_;
}

void Harvester::batch_sleeps() {
  assert(batches_busy_ > 0);
  --batches_busy_;
  end_drain();
}

runtime::Task<bool> Harvester::note(const BatchRun& run) {
  for (;;) {
    store::Change put{std::in_place_type<store::PutBatch>, store::PutBatch{run.row}};
    const LaneStore::Result kept = co_await store_.applied(put);
    if (kept.status.ok()) break;
    parts_.metrics.store_error("batch");
    log::error("batch_not_kept", {{"batch", run.row.number()}, {"error", kept.status.message()}});
    const bool goes_on = co_await pause(std::chrono::seconds(1));
    if (!goes_on) co_return false;
  }
  batches_[run.row.number()] = run.row;
  co_return true;
}

void Harvester::over(const BatchRun& run) {
  batches_.erase(run.row.number());
  wake();
  close_if_done(run.spec->number);
  batch_sleeps();
}

runtime::Task<void> Harvester::hold_twins(BatchRun& run) {
  if (run.spec->job.fresh()) co_return;
  std::vector<v1::Intent> members = store_.reads().members(run.row);
  auto work = [&reader = jobs_->reader(), spec = run.spec, members = std::move(members)] {
    std::vector<Candidate> candidates;
    for (const v1::Intent& intent : members)
      if (auto ready = reader.revive(spec, intent); ready.ok())
        candidates.push_back(std::move((*ready)->candidates.front()));
    return candidates;
  };
  const std::vector<Candidate> candidates =
      co_await elsewhere<std::vector<Candidate>>(jobs_->reading().context(), parts_.lane, std::move(work));
  for (const Candidate& candidate : candidates)
    busy(candidate) ? void(run.unheld.insert(candidate.samples.front().identity)) : start_twins(candidate);
}

runtime::Task<std::vector<dialect::BatchMember>> Harvester::encode(const BatchRun& run) {
  using Encoded = absl::StatusOr<std::vector<dialect::BatchMember>>;
  std::vector<v1::Intent> members = store_.reads().members(run.row);
  auto work = [&reader = jobs_->reader(), spec = run.spec, asked = run.asked,
               members = std::move(members)]() -> Encoded { return encode_members(reader, spec, *asked, members); };
  Encoded encoded = co_await elsewhere<Encoded>(jobs_->reading().context(), parts_.lane, std::move(work));
  // Prompts that were read once and cannot be read again: disk and program disagree.
  if (!encoded.ok())
    log::error("batch_unreadable", {{"batch", run.row.number()}, {"error", encoded.status().message()}});
  assert(encoded.ok());
  co_return *std::move(encoded);
}

runtime::Task<absl::StatusOr<std::vector<MemberEnd>>> Harvester::read(const BatchRun& run,
                                                                      dialect::HttpExchange exchange,
                                                                      std::vector<v1::Intent>& members) {
  struct Read {
    absl::StatusOr<std::vector<MemberEnd>> ends;
    std::vector<v1::Intent> left;
  };
  auto work = [vendor = run.vendor, dialect = run.asked->dialect, exchange = std::move(exchange), members,
               utc = utc_us()]() mutable {
    Read read{absl::UnknownError(""), std::move(members)};
    read.ends = read_ends(*vendor, *dialect, exchange.body, read.left, utc);
    return read;
  };
  Read read = co_await elsewhere<Read>(jobs_->reading().context(), parts_.lane, std::move(work));
  if (read.ends.ok()) members = std::move(read.left);
  co_return std::move(read.ends);
}

/// A member's attempt as a run of its own: its permit is what the store knows of it.
QueryRun Harvester::member_run(const BatchRun& run, ReadyPtr ready, v1::Intent intent) const {
  limit::Permit permit{
      .reserved = {.cost_picodollars = intent.cost_max_picodollars()}, .day = intent.budget_day(), .money_only = true};
  QueryRun member{
      .ready = std::move(ready), .spec = run.spec, .asked = run.asked, .teacher = run.teacher, .permit = permit};
  member.intent = std::move(intent);
  member.by_batch = true;
  member.twin = !run.spec->job.fresh() && !run.unheld.contains(member.candidate().samples.front().identity);
  return member;
}

runtime::Task<void> Harvester::settle(const BatchRun& run, std::vector<MemberEnd> ends) {
  using Revived = std::vector<ReadyPtr>;
  for (size_t first = 0; first < ends.size(); first += kChunk) {
    const size_t count = std::min(kChunk, ends.size() - first);
    auto work = [&reader = jobs_->reader(), spec = run.spec, ends = ends.data() + first, count]() -> Revived {
      Revived revived;
      for (size_t i = 0; i < count; ++i) {
        auto ready = reader.revive(spec, ends[i].intent);
        revived.push_back(ready.ok() ? *std::move(ready) : nullptr);
      }
      return revived;
    };
    Revived revived = co_await elsewhere<Revived>(jobs_->reading().context(), parts_.lane, std::move(work));
    for (size_t i = 0; i < count; ++i) {
      MemberEnd& end = ends[first + i];
      assert(revived[i] != nullptr);  // Invariant: what was asked can be read
      auto member = std::make_shared<QueryRun>(member_run(run, std::move(revived[i]), std::move(end.intent)));
      Judgement judgement{.decision = {.verb = Decision::Verb::kRetryAt}, .due_at_us = utc_us()};
      store::Change rest;
      if (end.asked) {
        judgement = judge(*member, end.exchange, end.outcome);
        rest = judgement.change(*member, std::move(end.exchange), end.outcome);
      } else {
        rest = give_back(*member, run.row.message().empty() ? run.row.vendor_status() : run.row.message());
      }
      store_.apply(std::move(rest),
                   [this, member, judgement](LaneStore::Result result) { at_rest(*member, judgement, result.status); });
    }
  }
}

/// It was never asked, and is not billed. Where its job may, it goes online: its batch had its chance.
store::Change Harvester::give_back(const QueryRun& member, const std::string& why) {
  store::Postpone back{.intent = member.intent};
  v1::Postponed& row = back.to;
  row.set_ordinal(member.intent.ordinal());
  row.set_attempts(member.ready->attempts);
  row.set_crashes(member.ready->crashes);
  row.set_due_at_us(utc_us());
  member.ready->put_turn(row);
  row.set_online(member.spec->job.route() == v1::AUTO);
  row.set_last_outcome("not_asked");
  row.set_last_message(why);
  JobDesk& desk = *jobs_->find(member.spec->number);
  settle_permit(held_by(member), desk, {.unprocessed = true});
  return back;
}

bool Harvester::cancelled(const BatchRun& run) const {
  const JobDesk* desk = jobs_->find(run.spec->number);
  return desk != nullptr && desk->cancelled;
}

absl::Status Harvester::may_still_ask(const BatchRun& run) const {
  if (cancelled(run)) return absl::CancelledError("its job was cancelled");
  if (run.row.online_at_us() > 0 && utc_us() >= run.row.online_at_us())
    return absl::DeadlineExceededError("its job's deadline leaves no time for a batch");
  return may_go_on(*run.spec, alerts_, utc_us());
}

bool Harvester::may_hand_in(const BatchRun& run) const {
  if (draining_) return false;
  const JobDesk* desk = jobs_->find(run.spec->number);
  if (desk == nullptr || !may_still_ask(run).ok()) return true;
  return may_ask() && run.teacher->may_ask() && !desk->paused;
}

bool Harvester::knows_batch(const std::string& teacher, const std::string& vendor_id) const {
  const std::vector<v1::Batch> rows = store_.reads().batches();
  return std::any_of(rows.begin(), rows.end(),
                     [&](const v1::Batch& row) { return row.teacher() == teacher && row.vendor_id() == vendor_id; });
}

std::chrono::seconds Harvester::until_look(const BatchRun& run, std::chrono::seconds usual) const {
  if (run.row.online_at_us() == 0 || run.row.cancel_asked()) return usual;
  const std::chrono::microseconds left(run.row.online_at_us() - utc_us());
  if (left.count() <= 0) return usual;
  return std::clamp(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds(1), usual);
}

void Harvester::halted_by_batch(const BatchRun& run, const dialect::Outcome& outcome) {
  // When it was sent is not told: within the last minute.
  if (!renew_key(*run.teacher, outcome, now() - std::chrono::minutes(1))) halted_by(*run.teacher, outcome);
}

void Harvester::stop_batches_of(const BatchRun& run, const std::string& reason) {
  // An AUTO job asks online what its batch could not.
  if (run.spec->job.route() == v1::AUTO) return;
  if (JobDesk* desk = jobs_->find(run.spec->number)) stop_job(*desk, "its batch was refused: " + reason);
}

}  // namespace harvest::flow
