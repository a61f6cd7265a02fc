#include "service/publish/record_renderer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/conversation/conversation.h"
#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/query_merge.h"
#include "storage/corpus/record.h"

namespace harvest::publish {
namespace {

/// A dataset is fed by few jobs at a time; more than these are simply read again.
constexpr size_t kJobsMax = 64;
constexpr uint64_t kLabelsPerRead = 256;

const v1::Teacher* pinned(const v1::JobRecord& job, const std::string& name) {
  for (const v1::Teacher& teacher : job.pinned_teachers())
    if (teacher.name() == name) return &teacher;
  return nullptr;
}

}  // namespace

absl::StatusOr<const v1::JobRecord*> RecordRenderer::job(uint64_t number) {
  if (const auto known = jobs_.find(number); known != jobs_.end()) return &known->second;
  auto read = store_.job(number);
  if (!read.ok()) return read.status();
  if (jobs_.size() >= kJobsMax) jobs_.clear();
  return &(jobs_[number] = *std::move(read));
}

const v1::Rights* RecordRenderer::governing(const std::string& teacher) {
  if (!governing_) {
    governing_.emplace();
    for (store::TeacherState& state : store_.teachers())
      (*governing_)[state.teacher.name()] = std::move(*state.teacher.mutable_rights());
  }
  const auto found = governing_->find(teacher);
  return found == governing_->end() ? nullptr : &found->second;
}

absl::StatusOr<const v1::Rights*> RecordRenderer::rights(const v1::Pair& pair) {
  const auto record = job(pair.job_number());
  if (!record.ok()) return record.status();
  const v1::Teacher* teacher = pinned(**record, pair.teacher());
  if (teacher != nullptr && teacher->rights().version() == pair.rights_version()) return &teacher->rights();
  const v1::Rights* now = governing(pair.teacher());
  if (now != nullptr && now->version() == pair.rights_version()) return now;
  // Neither record bears the pair's version. The pinned one is nearest to what it was asked under; without any, the
  // line says what the pair itself says.
  if (teacher != nullptr) return &teacher->rights();
  return now != nullptr ? now : &v1::Rights::default_instance();
}

absl::Status RecordRenderer::read_answer(uint64_t number) {
  if (answer_.number == number) return absl::OkStatus();
  answer_ = {};
  auto read = store_.answer(number);
  if (!read.ok()) return read.status();
  answer_.answer = *std::move(read);
  answer_.raw_sha256 = corpus::tagged(corpus::sha256(answer_.answer.raw()));
  const dialect::Dialect* dialect = dialect::find_dialect(answer_.answer.dialect());
  if (dialect != nullptr) {
    if (answer_.answer.vendor().empty()) answer_.answer.set_vendor(std::string(dialect->vendor()));
    auto outcome = dialect->decode_stored(answer_.answer.raw());
    answer_.decoded = outcome.ok();
    if (outcome.ok()) answer_.outcome = *std::move(outcome);
  }
  answer_.number = number;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<corpus::RecordFacts>> RecordRenderer::facts(const store::Store::SequencedPair& sequenced) {
  const v1::Pair& pair = sequenced.pair;
  const absl::Status answered = read_answer(pair.answer());
  if (!answered.ok()) return answered;
  if (!answer_.decoded || pair.choice() >= answer_.outcome.choices.size()) return std::nullopt;
  const auto governing = rights(pair);
  if (!governing.ok()) return governing.status();
  const auto record = job(pair.job_number());
  if (!record.ok()) return record.status();
  auto prompts = store_.prompts(pair.job_number(), pair.prompt(), 1);
  if (!prompts.ok()) return prompts.status();
  if (prompts->empty())
    return absl::InternalError(absl::StrCat("pair ", pair.record_id(), " is of prompt ", pair.prompt(), " of job ",
                                            (*record)->id(), ", which has none there"));
  prompt_ = std::move(prompts->front());
  line_ = prompt_.line();
  corpus::apply_job((*record)->job(), prompt_);
  if (absl::Status said = conversation::take_up(store_, conversation::turns_before(pair), prompt_); !said.ok()) {
    if (absl::IsDataLoss(said)) return std::nullopt;
    return said;
  }
  sampling_ = corpus::merge_sampling((*record)->job().sampling(), prompt_.sampling(), pair.sample());
  const dialect::Choice& choice = answer_.outcome.choices[pair.choice()];
  // Fewer than it was asked for where it holds fewer: those that it settled share what it cost.
  const auto settled = std::min<size_t>(std::max(1u, answer_.answer.samples()), answer_.outcome.choices.size());
  std::optional<corpus::RecordFacts> facts({.sequence = sequenced.sequence,
                                            .job_id = (*record)->id(),
                                            .prompt = prompt_,
                                            .sampling = sampling_,
                                            .pair = pair,
                                            .answer = answer_.answer,
                                            .raw_sha256 = answer_.raw_sha256,
                                            .message = choice.message,
                                            .finish_reason = choice.finish_reason,
                                            .logprobs_json = choice.logprobs_json,
                                            .rights = **governing,
                                            .answer_samples = static_cast<uint32_t>(settled),
                                            .truncated = choice.truncated});
  read_labels(sequenced, *facts);
  return facts;
}

void RecordRenderer::read_labels(const store::Store::SequencedPair& pair, corpus::RecordFacts& facts) {
  LabelPage& page = labels_;
  const auto at_pair = [&] {
    return page.dataset == pair.dataset && page.next < page.rows.size() &&
           page.rows[page.next].sequence == pair.sequence;
  };
  if (page.next < page.rows.size()) ++page.next;  // the last one's
  if (!at_pair() || !page.rows[page.next].labelled) {
    // Snapshots take pairs in another order than theirs: nothing is read ahead for them. Pairs above the cursor may be
    // labelled at any moment: of these only what is asked for.
    const bool follows = page.dataset == pair.dataset && page.last + 1 == pair.sequence;
    page = {.dataset = pair.dataset, .last = pair.sequence, .cursor = store_.label_cursor(pair.dataset)};
    page.rows = store_.labels(pair.dataset, pair.sequence,
                              follows && pair.sequence < page.cursor.labelled ? kLabelsPerRead : 1);
    if (!at_pair()) return;
  }
  page.last = pair.sequence;
  facts.labels = &page.rows[page.next].labels;
  // Above the cursor stand labels of the rules before, if any.
  if (pair.sequence < page.cursor.labelled) facts.label_rules = page.cursor.rules;
}

absl::StatusOr<bool> RecordRenderer::ignores_personal_data(const v1::Pair& pair) {
  const auto record = job(pair.job_number());
  if (!record.ok()) return record.status();
  return (*record)->job().personal_data() == v1::IGNORE;
}

absl::StatusOr<bool> RecordRenderer::append(const store::Store::SequencedPair& pair, std::string& out) {
  const auto known = facts(pair);
  if (!known.ok()) return known.status();
  if (*known) corpus::append_record(out, **known);
  return known->has_value();
}

}  // namespace harvest::publish
