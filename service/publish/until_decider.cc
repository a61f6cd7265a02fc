#include "service/publish/until_decider.h"

#include <algorithm>
#include <latch>
#include <limits>
#include <memory>

namespace harvest::publish {
namespace {

/// A dataset is fed by few jobs at a time; more than these are simply read again.
constexpr size_t kJobsMax = 1024;
constexpr size_t kRowsPerStep = 256;
/// Every row that is not decided comes behind this.
constexpr std::pair<int64_t, uint64_t> kBeforeAll{store::kUndecided - 1, std::numeric_limits<uint64_t>::max()};

bool may_wait(const v1::JobRecord& record) {
  return !record.job().until().empty() && record.state() != v1::DRAFT && record.state() != v1::FINISHED;
}

}  // namespace

UntilDecider::Judge* UntilDecider::judge_of(uint64_t job) {
  if (const auto known = jobs_.find(job); known != jobs_.end()) return known->second ? &*known->second : nullptr;
  if (jobs_.size() >= kJobsMax) jobs_.clear();
  std::optional<Judge>& judge = jobs_[job];
  const auto record = store_.job(job);
  if (!record.ok() || record->job().until().empty()) return nullptr;
  auto rule = corpus::UntilRule::parse(record->job().until());
  // Intake has read it; a version that reads filters otherwise leaves its samples waiting.
  if (!rule.ok()) return nullptr;
  corpus::Filter filter(rule->where());
  judge.emplace(Judge{.rule = *std::move(rule), .filter = std::move(filter), .teachers = {}});
  if (record->job().ask() == v1::EACH)
    judge->teachers.assign(record->job().teachers().begin(), record->job().teachers().end());
  return &*judge;
}

absl::Status UntilDecider::judge(RecordRenderer& renderer, const store::Store::SequencedPair& pair,
                                 Decisions& decisions) {
  const v1::Pair& of = pair.pair;
  Judge* const judge = judge_of(of.job_number());
  if (judge == nullptr) return absl::OkStatus();
  uint32_t stream = 0;
  if (!judge->teachers.empty()) {
    const auto asked = std::find(judge->teachers.begin(), judge->teachers.end(), of.teacher());
    if (asked == judge->teachers.end()) return absl::OkStatus();
    stream = static_cast<uint32_t>(asked - judge->teachers.begin());
  }
  const auto row = store_.undecided(of.job_number(), stream, of.prompt());
  if (!row || row->turn() != of.sample() + 1) return absl::OkStatus();  // decided before, or the last of its prompt
  if (pair.sequence >= store_.label_cursor(pair.dataset).labelled) return absl::OkStatus();
  std::string line;
  const auto readable = renderer.append(pair, line);
  if (!readable.ok()) return readable.status();
  std::optional<bool> accepted = false;  // what cannot be read is not what was asked for
  if (*readable) {
    const auto labels = store_.labels(pair.dataset, pair.sequence, 1);
    accepted = judge->rule.accepts(judge->filter, line,
                                   labels.empty() ? v1::PairLabels::default_instance() : labels.front().labels);
  }
  if (!accepted) return absl::OkStatus();
  decisions.push_back({.job = of.job_number(),
                       .stream = stream,
                       .ordinal = of.prompt(),
                       .sample = of.sample() + 1,
                       .ask = !*accepted,
                       .at_us = utc_us_()});
  return absl::OkStatus();
}

/// All in one or few groups of the store. What fails is found by another walk.
absl::Status UntilDecider::keep(const Decisions& decisions) {
  struct Kept {
    explicit Kept(size_t count) : status(count), is_news(count), open(static_cast<std::ptrdiff_t>(count)) {}
    std::vector<absl::Status> status;
    std::vector<char> is_news;
    std::latch open;
  };
  const auto kept = std::make_shared<Kept>(decisions.size());  // the store thread may let go of it last
  for (size_t i = 0; i < decisions.size(); ++i)
    store_.apply(decisions[i], [kept, i](const absl::Status& status, const store::Applied& applied) {
      kept->status[i] = status;
      kept->is_news[i] = applied.count > 0;
      kept->open.count_down();
    });
  kept->open.wait();
  absl::Status failed;
  for (size_t i = 0; i < decisions.size(); ++i) {
    failed.Update(kept->status[i]);
    if (kept->status[i].ok() && kept->is_news[i])
      decided_({.job = decisions[i].job, .stream = decisions[i].stream, .ask = decisions[i].ask});
  }
  return failed;
}

absl::Status UntilDecider::look_at(const std::vector<store::Store::SequencedPair>& pairs) {
  std::lock_guard running(running_);
  RecordRenderer renderer(store_);
  Decisions decisions;
  absl::Status status;
  for (const auto& pair : pairs) status.Update(judge(renderer, pair, decisions));
  status.Update(keep(decisions));
  if (!status.ok()) missed_ = true;
  return status;
}

absl::Status UntilDecider::look_at(const std::string& dataset, const std::vector<uint64_t>& sequences) {
  std::vector<store::Store::SequencedPair> pairs;
  for (const uint64_t sequence : sequences)
    for (auto& pair : store_.pairs(dataset, sequence, 1)) pairs.push_back(std::move(pair));
  return look_at(pairs);
}

absl::StatusOr<bool> UntilDecider::catch_up() {
  std::lock_guard running(running_);
  if (!walk_ && std::exchange(missed_, false)) walk_.emplace();
  if (!walk_) return false;
  auto more = walk_on();
  if (!more.ok() || !*more) walk_.reset();
  if (!more.ok()) missed_ = true;
  return more;
}

absl::StatusOr<bool> UntilDecider::walk_on() {
  for (const v1::JobRecord& record : store_.jobs()) {
    if (record.number() < walk_->job || !may_wait(record)) continue;
    if (record.number() > walk_->job) walk_ = Walk{.job = record.number()};
    for (; static_cast<int>(walk_->stream) < record.streams_size(); ++walk_->stream, walk_->after.reset()) {
      const auto rows = store_.postponed(record.number(), walk_->stream, store::kUndecided, kRowsPerStep,
                                         walk_->after.value_or(kBeforeAll));
      if (rows.empty()) continue;
      RecordRenderer renderer(store_);
      Decisions decisions;
      for (const v1::Postponed& row : rows) {
        if (row.parent_record_ids().empty()) continue;
        const auto pair = store_.find_pair(record.job().dataset(), *row.parent_record_ids().rbegin());
        if (absl::IsNotFound(pair.status())) continue;  // a clock was far off: a verdict that comes in finds it no more
        if (!pair.ok()) return pair.status();
        if (absl::Status judged = judge(renderer, *pair, decisions); !judged.ok()) return judged;
      }
      walk_->after = std::make_pair(store::kUndecided, rows.back().ordinal());
      if (absl::Status kept = keep(decisions); !kept.ok()) return kept;
      return true;
    }
    walk_ = Walk{.job = record.number() + 1};
  }
  return false;
}

}  // namespace harvest::publish
