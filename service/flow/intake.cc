#include "service/flow/intake.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/text/age.h"
#include "proto/text/money.h"
#include "proto/text/time.h"
#include "service/config/defaults.h"
#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"
#include "service/flow/guard_checks.h"
#include "service/flow/job_spec.h"
#include "service/flow/parent_rights.h"
#include "service/flow/plan_key.h"
#include "service/flow/share_checks.h"
#include "service/price/price_book.h"
#include "service/quality/labels/personal_data.h"
#include "service/quality/labels/prompt_data.h"
#include "service/rights/alerts.h"
#include "service/rights/rights.h"
#include "storage/corpus/dataset_name.h"
#include "storage/corpus/query_merge.h"
#include "storage/corpus/until_rule.h"

namespace harvest::flow {

namespace {

constexpr uint32_t kSamplesMax = 1024;
constexpr int kTurnsMax = 256;
constexpr size_t kPromptBytesMax = 4 << 20;

absl::Status in_state(const v1::JobRecord& record, v1::JobState wanted) {
  if (record.state() == wanted) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("job ", record.id(), " is ", v1::JobState_Name(record.state()),
                                                    ", expected ", v1::JobState_Name(wanted)));
}

absl::Status check_size(const v1::Prompt& prompt) {
  if (prompt.ByteSizeLong() <= kPromptBytesMax) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("found a prompt of ", prompt.ByteSizeLong(), " bytes, expected at most ", kPromptBytesMax));
}

absl::Status check_turns(const v1::Job& job, const v1::Prompt& prompt) {
  if (prompt.later_turns().empty()) return absl::OkStatus();
  if (!job.until().empty())
    return absl::InvalidArgumentError(absl::StrCat("turns: found ", prompt.later_turns_size() + 1,
                                                   " beside until, expected one (a sample is accepted, or the next is "
                                                   "asked; a conversation goes on)"));
  if (job.ask() != v1::EACH && job.teachers_size() > 1)
    return absl::InvalidArgumentError(
        absl::StrCat("turns: found beside ask: ", absl::AsciiStrToLower(v1::Ask_Name(job.ask())),
                     " of several teachers, expected ask: each, or one teacher (a "
                     "conversation is held with one)"));
  if (prompt.later_turns_size() >= kTurnsMax)
    return absl::InvalidArgumentError(
        absl::StrCat("turns: found ", prompt.later_turns_size() + 1, ", expected at most ", kTurnsMax));
  for (int i = 0; i < prompt.later_turns_size(); ++i) {
    const v1::Message& turn = prompt.later_turns(i);
    if (turn.role() != "user" || (turn.content().empty() && turn.parts_json().empty()))
      return absl::InvalidArgumentError(
          absl::StrCat("turns[", i + 1, "]: expected a message of the role user that says something"));
  }
  return absl::OkStatus();
}

absl::Status check_until(const v1::Job& job, const Labelling& labelling) {
  if (job.until().empty()) return absl::OkStatus();
  const auto rule = corpus::UntilRule::parse(job.until());
  if (!rule.ok()) return absl::InvalidArgumentError(absl::StrCat("until: ", rule.status().message()));
  if (job.samples() < 2)
    return absl::InvalidArgumentError(absl::StrCat("samples: found ", std::max(1u, job.samples()),
                                                   " beside until, expected at least 2: how many are asked at most"));
  if (job.route() != v1::ONLINE)
    return absl::InvalidArgumentError(absl::StrCat(
        "route: found ", absl::AsciiStrToLower(v1::Route_Name(job.route())),
        " beside until, expected online (each sample waits for the one before it, and a batch takes hours)"));
  if (!labelling.on)
    return absl::InvalidArgumentError(
        "until: found a filter of labels, and quality.off in the configuration: expected answers to be labelled");
  if (rule->asks_near_duplicates() && !labelling.near_duplicates)
    return absl::InvalidArgumentError(
        "until: found a filter that asks for near-duplicates, and quality.near_duplicates_off in the configuration: "
        "expected them to be looked for");
  return absl::OkStatus();
}

/// As its last turn will look to a teacher, whatever the answers will be.
v1::Prompt with_all_turns(const v1::Prompt& prompt) {
  v1::Prompt whole = prompt;
  for (const v1::Message& turn : prompt.later_turns()) {
    v1::Message& said = *whole.add_messages();
    said.set_role("assistant");
    said.set_content("…");
    *whole.add_messages() = turn;
  }
  return whole;
}

/// "auto" and the like cost what every call does; other tiers have prices of their own.
absl::Status check_tier(const v1::Teacher& teacher, const std::string& tier, int64_t day) {
  if (price::is_plain_tier(tier)) return absl::OkStatus();
  const auto prices = price::PriceBook::of(teacher);
  if (!prices.ok()) return prices.status();
  const price::PriceBook::Entry* entry = prices->on(day);
  if (entry != nullptr && entry->list.knows(tier)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("service_tier: found ", tier,
                                                 ", which has no price; expected an entry with this service_tier under "
                                                 "prices.special of the teacher (an unknown price is not zero)"));
}

/// Before it leaves: masked, or refused by what was found and where, never by its text.
absl::Status treat_personal_data(v1::PersonalData treatment, v1::Prompt& prompt) {
  if (treatment == v1::MASK) return quality::mask_personal_data(prompt);
  if (treatment != v1::BLOCK) return absl::OkStatus();
  const std::string found = quality::tell_personal_data(prompt);
  if (found.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("personal data: found ", found, ", expected none (personal_data: block)"));
}

/// The system text is one for all prompts: nothing is masked there.
absl::Status check_system(v1::PersonalData treatment, const std::string& system) {
  if (treatment != v1::MASK && treatment != v1::BLOCK) return absl::OkStatus();
  const auto found = quality::find_personal_data(system);
  if (found.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("system: personal data: found ", std::string(found.front().rule),
                   ", expected none (personal_data: ", absl::AsciiStrToLower(v1::PersonalData_Name(treatment)), ")"));
}

}  // namespace

v1::PersonalData Intake::personal_data_of(const v1::Job& job) const {
  if (job.personal_data() != v1::PERSONAL_DATA_UNSPECIFIED) return job.personal_data();
  return personal_data_ == v1::PERSONAL_DATA_UNSPECIFIED ? v1::FLAG : personal_data_;
}

absl::StatusOr<std::vector<v1::Teacher>> Intake::check(const v1::Job& job) const {
  if (absl::Status status = corpus::check_dataset_name(job.dataset()); !status.ok()) return status;
  if (job.teachers().empty()) return absl::InvalidArgumentError("teachers: found none, expected at least one name");
  if (job.samples() > kSamplesMax)
    return absl::InvalidArgumentError(
        absl::StrCat("samples: found ", job.samples(), ", expected at most ", kSamplesMax));
  if (!job.max_cost_usd().empty()) {
    auto cap = text::parse_usd(job.max_cost_usd());
    if (!cap.ok()) return absl::InvalidArgumentError(absl::StrCat("max_cost_usd: ", cap.status().message()));
  }
  if (absl::Status status = check_deadline(job.deadline(), clock_.utc_us()); !status.ok()) return status;
  if (absl::Status status = check_shares(job); !status.ok()) return status;
  if (absl::Status status = check_guard(job); !status.ok()) return status;
  if (absl::Status status = check_until(job, labelling_); !status.ok()) return status;
  if (absl::Status status = check_system(personal_data_of(job), job.system()); !status.ok()) return status;
  if (!job.max_age().empty()) {
    auto max_age = text::parse_age(job.max_age());
    if (!max_age.ok()) return absl::InvalidArgumentError(absl::StrCat("max_age: ", max_age.status().message()));
    if (job.fresh())
      return absl::InvalidArgumentError(absl::StrCat("max_age: found ", job.max_age(),
                                                     " beside fresh, which reuses no answer; expected one of the two"));
  }
  if (job.route() != v1::ONLINE && job.ask() != v1::EACH)
    return absl::InvalidArgumentError(absl::StrCat("route: found ", absl::AsciiStrToLower(v1::Route_Name(job.route())),
                                                   " beside ask: ", absl::AsciiStrToLower(v1::Ask_Name(job.ask())),
                                                   ", expected ask: each (a batch has one teacher)"));
  std::vector<v1::Teacher> asked;
  const std::string today = text::format_day(text::day_of(clock_.utc_us()));
  const std::vector<v1::RightsAlert> alerts = store_.alerts();
  for (const std::string& name : job.teachers()) {
    const auto teacher = teachers_.find(name);
    if (!teacher)
      return absl::NotFoundError(
          absl::StrCat("teacher ", name, " not found; configured are: ", absl::StrJoin(teachers_.names(), ", ")));
    for (const v1::Teacher& other : asked)
      if (other.name() == name) return absl::InvalidArgumentError(absl::StrCat("teachers: ", name, " is named twice"));
    if (absl::Status status = rights::may_ask(*teacher, job.use(), today); !status.ok()) return status;
    if (absl::Status status = rights::may_ask_despite(alerts, *teacher, job.use()); !status.ok()) return status;
    if (absl::Status status = check_priced(*teacher, text::day_of(clock_.utc_us())); !status.ok()) return status;
    const dialect::Dialect* dialect = dialect::find_dialect(teacher->dialect());
    if (job.route() == v1::BATCH && (dialect == nullptr || dialect->batches(*teacher) == nullptr))
      return absl::InvalidArgumentError(absl::StrCat("route: found batch, but teacher ", name, " (", teacher->dialect(),
                                                     ") takes no batches; expected online or auto"));
    asked.push_back(*teacher);
  }
  return asked;
}

absl::Status Intake::check_dataset_owner(const std::string& dataset, const std::string& tenant) const {
  const auto record = store_.dataset(dataset);
  bool foreign = record.ok() && record->tenant() != tenant;
  // A dataset begins with its first pair: until then those who would feed it own its name.
  if (!record.ok())
    for (const v1::JobRecord& job : store_.jobs())
      foreign = foreign || (job.job().dataset() == dataset && job.tenant() != tenant && job.state() != v1::CANCELLED);
  if (!foreign) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat("dataset: found ", dataset, ", which is another tenant's, expected a name of your own"));
}

absl::StatusOr<v1::Draft> Intake::open_draft(const v1::OpenDraftRequest& request, const Caller& caller) {
  v1::Draft draft;
  if (request.submission_id().empty())
    return absl::InvalidArgumentError("submission_id: found nothing, expected an id of the client's choosing");
  if (auto known = store_.find_submission(request.submission_id()); known.ok()) {
    if (known->tenant() != caller.tenant)
      return absl::AlreadyExistsError("submission_id: found one that another tenant chose, expected one of your own");
    draft.set_job_id(known->id());
    draft.set_prompts(known->counters().prompts());
    draft.set_committed(known->state() != v1::DRAFT);
    if (draft.committed() && !request.reopen())
      return absl::AlreadyExistsError(absl::StrCat("this submission is job ", known->id(), " already"));
    return draft;
  }
  auto asked = check(request.job());
  if (!asked.ok()) return asked.status();
  if (absl::Status status = check_dataset_owner(request.job().dataset(), caller.tenant); !status.ok()) return status;

  store::OpenDraft change;
  v1::JobRecord& record = change.record;
  record.set_id(new_job_id());
  *record.mutable_job() = request.job();
  record.mutable_job()->clear_prompts();
  if (record.job().samples() == 0) record.mutable_job()->set_samples(1);
  record.mutable_job()->set_personal_data(personal_data_of(request.job()));
  record.set_tenant(caller.tenant);
  record.set_principal(caller.principal);
  record.set_state(v1::DRAFT);
  record.set_submission_id(request.submission_id());
  record.set_created_at_us(clock_.utc_us());
  for (v1::Teacher& teacher : *asked) *record.add_pinned_teachers() = std::move(teacher);
  draft.set_job_id(record.id());
  auto applied = store_.apply_and_wait(std::move(change));
  if (!applied.ok()) return applied.status();
  return draft;
}

absl::StatusOr<v1::Draft> Intake::add_prompts(const v1::AddPromptsRequest& request) {
  auto record = store_.find_job(request.job_id());
  if (!record.ok()) return record.status();
  if (absl::Status status = in_state(*record, v1::DRAFT); !status.ok()) return status;
  v1::Draft draft;
  draft.set_job_id(record->id());
  v1::PromptBlock block;
  *block.mutable_prompts() = request.prompts();
  const v1::PersonalData treatment = personal_data_of(record->job());
  ParentRights parents(store_, text::format_day(text::day_of(clock_.utc_us())));
  for (int i = 0; i < request.prompts_size(); ++i) {
    absl::Status status = check_size(block.prompts(i));
    if (status.ok()) status = treat_personal_data(treatment, *block.mutable_prompts(i));
    if (status.ok()) status = check_prompt(*record, block.prompts(i));
    if (status.ok()) status = parents.pass_on(*record, *block.mutable_prompts(i));
    if (status.ok()) continue;
    if (!absl::IsInvalidArgument(status)) return status;
    v1::BadPrompt* bad = draft.add_bad_prompts();
    bad->set_index(static_cast<uint32_t>(i));
    bad->set_message(std::string(status.message()));
  }
  if (!draft.bad_prompts().empty()) {
    draft.set_prompts(request.first());
    return draft;
  }
  store::AddPrompts change{.job = record->number(), .first = request.first()};
  change.count = static_cast<uint64_t>(block.prompts_size());
  if (!block.SerializeToString(&change.block)) return absl::InternalError("a chunk of prompts cannot be serialized");
  const auto& prompts = block.prompts();
  if (std::any_of(prompts.begin(), prompts.end(),
                  [&](const v1::Prompt& prompt) { return store::later_turns(record->job(), prompt) > 0; }))
    for (const v1::Prompt& prompt : prompts) change.later_turns.push_back(store::later_turns(record->job(), prompt));
  auto applied = store_.apply_and_wait(std::move(change));
  if (!applied.ok()) return applied.status();
  draft.set_prompts(applied->count);
  return draft;
}

absl::Status Intake::check_prompt(const v1::JobRecord& record, const v1::Prompt& prompt) const {
  if (prompt.messages().empty()) return absl::InvalidArgumentError("found no messages, expected at least one");
  if (absl::Status status = check_size(prompt); !status.ok()) return status;
  if (absl::Status status = check_turns(record.job(), prompt); !status.ok()) return status;
  const v1::Sampling sampling = corpus::merge_sampling(record.job().sampling(), prompt.sampling(), 0);
  if (sampling.max_output_tokens() > config::kOutputTokensMax)
    return absl::InvalidArgumentError(absl::StrCat("max_output_tokens: found ", sampling.max_output_tokens(),
                                                   ", expected at most ", config::kOutputTokensMax));
  const v1::Prompt conversation = prompt.later_turns().empty() ? v1::Prompt() : with_all_turns(prompt);
  const v1::Prompt& asked = prompt.later_turns().empty() ? prompt : conversation;
  for (const v1::Teacher& teacher : record.pinned_teachers()) {
    const dialect::Dialect* dialect = dialect::find_dialect(teacher.dialect());
    if (dialect == nullptr) return absl::FailedPreconditionError(absl::StrCat("unknown dialect ", teacher.dialect()));
    if (absl::Status status = dialect->check(teacher, asked, sampling); !status.ok())
      return absl::InvalidArgumentError(absl::StrCat("teacher ", teacher.name(), ": ", status.message()));
    const int64_t day = text::day_of(clock_.utc_us());
    if (absl::Status status = check_tier(teacher, sampling.service_tier(), day); !status.ok())
      return absl::InvalidArgumentError(absl::StrCat("teacher ", teacher.name(), ": ", status.message()));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::JobRecord> Intake::commit(const v1::CommitDraftRequest& request) {
  auto record = store_.find_job(request.job_id());
  if (!record.ok()) return record.status();
  if (record->state() != v1::DRAFT) return *record;  // committed before: the same answer again
  store::CommitDraft change{record->number(), request.prompts(), request.skipped_lines(), std::nullopt};
  if (!request.prompts_sha256().empty()) {
    auto planned = plan_key(record->tenant(), record->job(), request.prompts_sha256());
    if (!planned.ok()) return planned.status();
    change.plan = *std::move(planned);
  }
  auto applied = store_.apply_and_wait(std::move(change));
  if (!applied.ok()) return applied.status();
  return store_.job(record->number());
}

absl::Status Intake::discard(const std::string& job_id) {
  auto record = store_.find_job(job_id);
  if (!record.ok()) return record.status();
  if (absl::Status status = in_state(*record, v1::DRAFT); !status.ok()) return status;
  return store_.apply_and_wait(store::DiscardDraft{record->number()}).status();
}

std::string Intake::new_job_id() {
  std::lock_guard lock(mutex_);
  return ulids_.next_id("j_", clock_.utc_us());
}

}  // namespace harvest::flow
