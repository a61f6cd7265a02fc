// What of the harvester's work goes by batch: gathered from the queue, and resumed after a restart.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <cassert>
#include <exception>
#include <utility>

#include "absl/strings/ascii.h"
#include "proto/text/time.h"
#include "service/flow/harvester.h"
#include "service/observe/log.h"

namespace harvest::flow {

namespace log = observe::log;

namespace {

// A batch stands whole in memory twice while it is handed in, and its results once: they bound it before vendors do.
constexpr size_t kRequestBytesMax = 64 << 20;
constexpr size_t kResultBytesMax = 192 << 20;

/// A request's size, from above for all but the strangest text: the bound on input tokens counts bytes, and escapes
/// lengthen some of them.
size_t request_bytes(const Candidate& candidate) {
  return static_cast<size_t>(candidate.input_tokens_max) * 2 + 1024;
}

/// Likewise. A soft label is an object of token, logprob and bytes: one for the token, and one for each in its stead.
size_t result_bytes(const Candidate& candidate, const v1::Sampling& sampling) {
  constexpr size_t kTokenBytes = 8;
  constexpr size_t kLabelBytes = 128;
  constexpr size_t kAroundBytes = 4096;
  const size_t labels = sampling.has_top_logprobs() ? size_t{1} + sampling.top_logprobs() : 0;
  return static_cast<size_t>(candidate.answers_tokens_max()) * (kTokenBytes + labels * kLabelBytes) + kAroundBytes;
}

}  // namespace

RouteQuestion Harvester::route_question(const JobSpec& spec, const JobSpec::AskedTeacher& asked) const {
  const TeacherDesk& teacher = *teachers_[asked.index];
  return {.route = spec.job.route(),
          .takes_batches = asked.dialect->batches(asked.config) != nullptr,
          .cheaper = teacher.batch_is_cheaper(text::day_of(utc_us()), spec.job.sampling().service_tier()),
          .created_at_us = spec.created_at_us,
          .deadline_us = spec.deadline_us};
}

bool Harvester::by_batch(const JobSpec& spec, uint32_t stream) const {
  return goes_by_batch(route_question(spec, spec.teachers[stream]), utc_us());
}

uint64_t Harvester::batches_open(const std::string& teacher) const {
  return static_cast<uint64_t>(std::count_if(batches_.begin(), batches_.end(),
                                             [&](const auto& batch) { return batch.second.teacher() == teacher; }));
}

limit::Instant Harvester::gather(uint32_t index, int& quota) {
  TeacherDesk& teacher = *teachers_[index];
  if (!teacher.may_ask()) return limit::kNever;
  const uint32_t server = kBatchServer + index;
  limit::Instant look_again = limit::kNever;
  for (; quota > 0; --quota) {
    const ReadyPtr* front = queue_.front(server);
    if (front == nullptr) break;
    const Ready& head = **front;
    JobDesk& desk = *jobs_->find(head.place.job);
    const Candidate& candidate = head.candidates.front();
    if (head.known) {
      keep_known(queue_.take(server));
      continue;
    }
    if (!desk.spec->job.fresh() && busy(candidate)) {
      park(queue_.take(server));
      continue;
    }
    const DraftKey key{head.place.job, head.place.stream};
    BatchDraft* draft = draft_of(desk, head.place.stream, teacher);
    if (draft == nullptr || !draft->open || draft->full) break;  // until another batch has ended, or this one is sealed
    const size_t bytes = request_bytes(candidate);
    draft->members_max =
        std::min(draft->members_max, std::max<size_t>(1, kResultBytesMax / result_bytes(candidate, head.sampling)));
    if (!draft->takes(bytes)) {
      draft->full = true;
      seal(key);
      break;
    }
    const limit::Demand demand = teacher.demand(candidate, head.sampling, text::day_of(utc_us()), "batch");
    const limit::Verdict verdict = teacher.may_pay(demand, desk.payer(), now(), utc_us());
    if (!verdict.granted) {
      desk.binding = verdict.binding;
      // What is gathered goes: its answers may give money back.
      draft->full = draft->row.members() + draft->pending > 0;
      if (draft->full) seal(key);
      if (verdict.binding == limit::Dimension::kJobBudget) {
        out_of_money(desk);
        continue;
      }
      if (is_never_paid(verdict)) {
        stop_asking(desk, too_dear(desk, teacher, demand, verdict));
        continue;
      }
      // Its tenant's caps are nobody else's.
      if (verdict.binding == limit::Dimension::kTenantBudget) {
        jobs_->hold(*queue_.front_stream(server), server, verdict.ready_at);
        look_again = std::min(look_again, verdict.ready_at);
        continue;
      }
      look_again = std::min(look_again, verdict.ready_at);
      break;
    }
    const limit::Permit permit = teacher.take_money(demand, desk.payer(), now(), utc_us());
    take_member(key, permit, queue_.take(server), bytes);
  }
  // What is gathered goes once nothing more came for a while.
  const auto patience = std::chrono::seconds(teacher.config().batch().gather_seconds());
  for (auto& [key, draft] : drafts_) {
    if (draft.row.teacher() != teacher.config().name() || !draft.open) continue;
    if (draft.last_at + patience > now()) {
      look_again = std::min(look_again, draft.last_at + patience);
      continue;
    }
    draft.full = true;
  }
  for (auto draft = drafts_.begin(); draft != drafts_.end();) {
    const auto sealed = draft++;  // sealing may end it
    if (sealed->second.full && sealed->second.row.teacher() == teacher.config().name()) seal(sealed->first);
  }
  return look_again;
}

BatchDraft* Harvester::draft_of(const JobDesk& desk, uint32_t stream, const TeacherDesk& teacher) {
  const DraftKey key{desk.spec->number, stream};
  if (const auto found = drafts_.find(key); found != drafts_.end()) return &found->second;
  const v1::BatchOptions& options = teacher.config().batch();
  if (batches_open(teacher.config().name()) >= options.open_max()) return nullptr;
  const JobSpec::AskedTeacher& asked = desk.spec->teachers[stream];
  const dialect::BatchLimits limits = asked.dialect->batches(asked.config)->limits();
  BatchDraft& draft = drafts_[key];
  draft.members_max = std::min<size_t>(limits.members_max, options.members_max());
  draft.bytes_max = std::min(limits.body_bytes_max, kRequestBytesMax);
  draft.last_at = now();
  v1::Batch& row = draft.row;
  row.set_number(next_batch_++);
  row.set_token(text::to_text(ulids_.next(utc_us())));
  row.set_job_number(desk.spec->number);
  row.set_stream(stream);
  row.set_teacher(teacher.config().name());
  row.set_state(v1::GATHERING);
  row.set_opened_at_us(utc_us());
  store_.apply(store::PutBatch{row}, [this, key](LaneStore::Result result) {
    if (result.status.ok()) {
      drafts_.at(key).open = true;
    } else {
      parts_.metrics.store_error("batch");
      drafts_.erase(key);
    }
    wake();
  });
  return &draft;
}

void Harvester::take_member(DraftKey key, const limit::Permit& permit, ReadyPtr ready, size_t bytes) {
  BatchDraft& draft = drafts_.at(key);
  JobDesk& desk = *jobs_->find(key.first);
  const JobSpec::AskedTeacher& asked = desk.spec->teachers[key.second];
  TeacherDesk& teacher = *teachers_[asked.index];
  QueryRun run{.ready = std::move(ready), .spec = desk.spec, .asked = &asked, .teacher = &teacher, .permit = permit};
  run.intent = make_intent(run);
  run.intent.set_batch(draft.row.number());
  run.by_batch = true;
  run.twin = !desk.spec->job.fresh();
  if (run.twin) start_twins(run.candidate());
  teacher.metrics.attempt("batch");
  desk.in_flight += run.ready->queries();
  desk.in_batches += run.ready->queries();
  ++draft.pending;
  draft.bytes += bytes;
  draft.last_at = now();
  const store::Place place = run.ready->place;
  jobs_->leaves(place);
  jobs_->refill(desk, desk.windows[place.stream]);
  store::Change reserve = store::Reserve{place, run.intent};
  // Of the run only what gives it back is needed from here on: its prompt is read anew when the batch is handed in.
  run.ready->prompt.Clear();
  store_.apply(std::move(reserve),
               [this, key, run = std::make_shared<QueryRun>(std::move(run))](LaneStore::Result result) {
                 jobs_->left(run->ready->place, result.status);
                 BatchDraft& draft = drafts_.at(key);
                 --draft.pending;
                 if (result.status.ok()) {
                   draft.row.set_members(draft.row.members() + 1);
                 } else {
                   JobDesk& desk = *jobs_->find(key.first);
                   settle_permit(held_by(*run), desk, {.unprocessed = true});
                   finish_twins(*run, 0);
                   parts_.metrics.store_error("intent");
                   desk.in_flight -= run->ready->queries();
                   desk.in_batches -= run->ready->queries();
                   close_if_done(key.first);
                 }
                 if (draft.full) seal(key);
               });
}

void Harvester::seal(DraftKey key) {
  BatchDraft& draft = drafts_.at(key);
  if (!draft.open || draft.pending > 0) return;
  v1::Batch row = draft.row;
  JobDesk* desk = jobs_->find(key.first);
  assert(desk != nullptr || row.members() == 0);  // Invariant: a job is open while it has queries in flight
  drafts_.erase(key);
  if (row.members() == 0) {
    row.set_state(v1::DISSOLVED);
    row.set_ended_at_us(utc_us());
    return store_.apply(store::PutBatch{row}, [](LaneStore::Result) {});
  }
  start_batch(std::move(row), desk->spec, false);
}

void Harvester::start_batch(v1::Batch row, const std::shared_ptr<const JobSpec>& spec, bool in_doubt) {
  const JobSpec::AskedTeacher& asked = spec->teachers[row.stream()];
  BatchRun run{.row = std::move(row), .spec = spec, .asked = &asked, .teacher = teachers_[asked.index].get()};
  run.vendor = asked.dialect->batches(asked.config);
  assert(run.vendor != nullptr);  // Invariant: no other teacher's queries are gathered, and dialects are pinned
  run.in_doubt = in_doubt;
  if (run.row.state() == v1::GATHERING) {
    run.row.set_state(v1::SEALED);
    run.row.set_sealed_at_us(utc_us());
    run.row.set_online_at_us(online_at_us(route_question(*spec, asked)));
  }
  batches_[run.row.number()] = run.row;
  ++batches_busy_;
  boost::asio::co_spawn(parts_.lane, run_batch(*this, std::move(run)), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);  // a broken invariant: crash, recovery is a restart
  });
}

void Harvester::resume_batches(JobDesk& desk) {
  for (const v1::Batch& row : store_.reads().batches()) {
    next_batch_ = std::max(next_batch_, row.number() + 1);
    if (!store::is_under_way(row) || row.job_number() != desk.spec->number || batches_.contains(row.number())) continue;
    TeacherDesk& teacher = *teachers_[desk.spec->teachers[row.stream()].index];
    for (const v1::Intent& intent : store_.reads().members(row)) {
      teacher.hold_money(intent, desk.payer());
      desk.in_flight += store::queries_of(intent);
      desk.in_batches += store::queries_of(intent);
    }
    start_batch(row, desk.spec, true);
  }
}

void Harvester::open_for_batches(const v1::JobRecord& record) {
  open_job(record);
  JobDesk* desk = jobs_->find(record.number());
  if (desk == nullptr) return;
  desk->cancelled = record.state() == v1::CANCELLED;
  desk->paused_for = cause_of_pause(record.reason());
  jobs_->pause(*desk, true);
  close_if_done(record.number());
}

}  // namespace harvest::flow
