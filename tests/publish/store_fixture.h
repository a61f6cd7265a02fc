#pragma once

#include <memory>
#include <string>
#include <vector>

#include "service/publish/publisher.h"
#include "service/publish/view.h"
#include "storage/store/store.h"
#include "tests/corpus/temp_directory.h"

namespace harvest::publish {

constexpr int64_t kNow = 1'795'305'600'000'000;  // 2026-11-22T00:00:00Z
constexpr int64_t kSecond = 1'000'000;

/// What a status says of one view; empty where it has none of that name.
inline v1::ViewStatus view_in(const v1::DatasetStatus& status, std::string_view name = kDefaultView) {
  for (const v1::ViewStatus& view : status.views())
    if (view.record().view().name() == name) return view;
  return {};
}
inline uint64_t version_of(const absl::StatusOr<v1::DatasetStatus>& status, std::string_view name = kDefaultView) {
  return view_in(status.value(), name).record().version();
}

/// A real store in a temporary directory, with teachers, one job after another, and answers as they would have come.
class StoreFixture {
 public:
  StoreFixture() {
    options_.datasets_directory = datasets();
    options_.service_version = "0.1.0";
    options_.segment_bytes_min = 1;
    open();
  }

  void open() {
    store_.reset();
    store::Options options;
    options.path = (directory_.path() / "store").string();
    store_ = store::Store::open(options, kNow).value();
  }
  /// Drops the store without closing it, as a crash does, and opens it again.
  void crash() { open(); }

  v1::Teacher teacher(const std::string& name) const {
    v1::Teacher teacher;
    teacher.set_name(name);
    teacher.set_dialect("openai-chat");
    teacher.set_model("model-of-" + name);
    v1::Rights* rights = teacher.mutable_rights();
    rights->set_licence("Apache-2.0");
    rights->add_permits(v1::TRAINING);
    rights->add_obligations("name-prefix:" + name);
    rights->set_expires_on("2027-01-01");
    rights->set_self_attested(true);
    return teacher;
  }
  void put(const v1::Teacher& teacher) { store_->apply_and_wait(store::PutTeacher{teacher}).value(); }

  struct Asked {
    std::string teacher = "qwen";
    std::string source = "sums";
    std::string dataset = "maths";
    size_t count = 1;
    std::string text = "four";
    int64_t at_us = kNow;
    uint32_t samples = 1;                ///< of each prompt; count is of all answers
    bool same = false;                   ///< every answer is the text alone
    std::vector<std::string> parents{};  ///< records that each was made from
    std::string licence{};               ///< stamped on each
    std::string until{};                 ///< of `count` prompts, at most `samples` are asked of each, until this passes
    /// Prompts, and the ordinals of each.
    uint64_t prompts() const { return until.empty() ? count / samples : count; }
    uint32_t ordinals() const { return until.empty() ? samples : 1; }
  };

  /// A job of `count` prompts to one teacher, all answered. Returns its record ids.
  std::vector<std::string> harvest(const Asked& asked) {
    const uint64_t job = submit(asked);
    std::vector<std::string> ids;
    for (uint64_t i = 0; i < asked.count; ++i) ids.push_back(keep(asked, ask(asked, job, i)));
    return ids;
  }

  // ---- step by step ----
  uint64_t submit(const Asked& asked) {
    store::OpenDraft draft;
    draft.record.set_id("j_" + std::to_string(1'000'000 + jobs_++));
    draft.record.set_tenant("default");
    v1::Job* job = draft.record.mutable_job();
    job->set_dataset(asked.dataset);
    job->add_teachers(asked.teacher);
    job->mutable_use()->set_purpose(v1::TRAINING);
    job->set_system("Be brief.");
    job->set_prompt_source(asked.source);
    job->set_prompt_source_licence("CC-BY-4.0");
    job->mutable_sampling()->set_temperature(0.5);
    job->set_samples(asked.samples);
    job->set_until(asked.until);
    for (const store::TeacherState& state : store_->teachers()) {
      if (state.teacher.name() != asked.teacher) continue;
      *draft.record.add_pinned_teachers() = state.teacher;
    }
    const uint64_t number = store_->apply_and_wait(draft).value().number;
    v1::PromptBlock block;
    for (size_t i = 0; i < asked.prompts(); ++i) {
      v1::Prompt* prompt = block.add_prompts();
      v1::Message* message = prompt->add_messages();
      message->set_role("user");
      message->set_content("question " + std::to_string(i));
      prompt->set_custom_id("line-" + std::to_string(i));
    }
    store::AddPrompts add{number, 0, asked.prompts(), block.SerializeAsString()};
    if (!asked.until.empty()) add.later_turns.assign(asked.prompts(), asked.samples - 1);
    store_->apply_and_wait(add).value();
    store_->apply_and_wait(store::CommitDraft{number, asked.prompts(), 0}).value();
    return number;
  }

  /// Sends a job's next query, which is `index`.
  v1::Intent ask(const Asked& asked, uint64_t job, uint64_t index) {
    store::Reserve reserve;
    reserve.from = {job, 0, index, std::nullopt};
    reserve.intent.set_id(std::string(8, 'i') + std::to_string(10'000'000 + asked_++));
    reserve.intent.set_job_number(job);
    reserve.intent.set_ordinal(index);
    reserve.intent.set_teacher(asked.teacher);
    reserve.intent.set_attempt(1);
    store_->apply(reserve, [](const absl::Status&, const store::Applied&) {});
    return reserve.intent;
  }

  /// Keeps what it was answered; the record's id.
  std::string keep(const Asked& asked, const v1::Intent& intent) {
    store::Settle settle = answered(asked, intent);
    const std::string id = settle.samples.front().pair.record_id();
    store_->apply_and_wait(std::move(settle)).value();
    return id;
  }
  store::Settle answered(const Asked& asked, const v1::Intent& intent) {
    const uint64_t index = intent.ordinal();
    store::Settle settle;
    settle.intent = intent;
    settle.dataset = asked.dataset;
    settle.answer.set_raw(R"({"id":"c1","object":"chat.completion","model":"served","choices":[{"index":0,)"
                          R"("message":{"role":"assistant","content":")" +
                          asked.text + (asked.same ? std::string() : ' ' + std::to_string(index)) +
                          R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3}})");
    settle.answer.set_dialect("openai-chat");
    settle.answer.set_teacher(asked.teacher);
    settle.answer.set_model_requested("model-of-" + asked.teacher);
    settle.answer.set_model_reported("served");
    settle.answer.set_endpoint("http://127.0.0.1:8000/v1");
    settle.answer.set_requested_at_us(asked.at_us);
    settle.answer.set_completed_at_us(asked.at_us);
    settle.answer.set_attempt(1);
    settle.answer.set_tenant("default");
    v1::Pair& pair = settle.samples.emplace_back().pair;
    const std::string number = std::to_string(10'000'000 + answers_++);
    pair.set_record_id("r_01JD00000000000000" + number);
    pair.set_job_number(intent.job_number());
    pair.set_prompt(index / asked.ordinals());
    pair.set_sample(asked.until.empty() ? static_cast<uint32_t>(index % asked.samples) : intent.turn());
    pair.set_teacher(asked.teacher);
    pair.set_source(asked.source);
    pair.set_rights_version(rights_version(asked.teacher));
    pair.set_tenant("default");
    pair.mutable_use()->set_purpose(v1::TRAINING);
    pair.set_log_index(-1);
    pair.set_stored_at_us(asked.at_us);
    pair.mutable_parent_record_ids()->Add(asked.parents.begin(), asked.parents.end());
    pair.set_licence(asked.licence);
    return settle;
  }

  store::Store& store() { return *store_; }
  std::string datasets() const { return (directory_.path() / "datasets").string(); }
  const PublisherOptions& options() const { return options_; }
  Publisher publisher() { return Publisher(*store_, options()); }

  // ---- a publisher's steps, for whoever must stop between them ----
  void add_view(const v1::View& view) { store_->apply_and_wait(store::AddView{"maths", view}).value(); }
  void close() { store_->apply_and_wait(store::CloseSegment{"maths", "command", kNow}).value(); }
  ViewWriter writer(const std::string& view = kDefaultView) { return {*store_, options_, "maths", view}; }

 private:
  uint64_t rights_version(const std::string& name) const {
    for (const store::TeacherState& state : store_->teachers())
      if (state.teacher.name() == name) return state.teacher.rights().version();
    return 0;
  }

  corpus::TempDirectory directory_;
  PublisherOptions options_;
  std::unique_ptr<store::Store> store_;
  uint64_t jobs_ = 0;
  uint64_t asked_ = 0;
  uint64_t answers_ = 0;
};

}  // namespace harvest::publish
