#include "rig.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

namespace harvest::store::test {

Rig::Rig() {
  std::string name = (std::filesystem::temp_directory_path() / "harvest-store-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  directory_ = name;
  options.path = (directory_ / "store").string();
  options.memtable_bytes = 4 << 20;
}

Rig::~Rig() {
  store_.reset();
  std::error_code
      ignored;  // a mount point or a directory that a test took rights from; the system's temp cleaning has it
  std::filesystem::remove_all(directory_, ignored);
}

absl::Status Rig::try_open() {
  auto opened = Store::open(options, now_us);
  if (!opened.ok()) return opened.status();
  store_ = *std::move(opened);
  return serves ? store_->begin_serving() : absl::OkStatus();
}

void Rig::open() {
  const absl::Status status = try_open();
  INFO(status.ToString());
  REQUIRE(status.ok());
}

void Rig::close() {
  const absl::Status status = store_->close();
  INFO(status.ToString());
  REQUIRE(status.ok());
  store_.reset();
}

void Rig::give_back() {
  const absl::Status status = store_->give_back();
  INFO(status.ToString());
  REQUIRE(status.ok());
  store_.reset();
}

void Rig::crash() {
  store_.reset();
}

std::string prompt_block(uint64_t first, uint64_t count, size_t bytes) {
  v1::PromptBlock block;
  for (uint64_t i = first; i < first + count; ++i) {
    v1::Prompt& prompt = *block.add_prompts();
    v1::Message& message = *prompt.add_messages();
    message.set_role("user");
    std::string text = "prompt " + std::to_string(i) + " asks ";
    uint64_t word = i * 0x9E3779B97F4A7C15;
    while (text.size() < bytes) {
      word = word * 6364136223846793005 + 1442695040888963407;
      text += "what of " + std::to_string(word >> 44) + " ";
    }
    message.set_content(text);
    prompt.set_line(i + 1);
  }
  return block.SerializeAsString();
}

uint64_t Rig::draft(int teachers, uint32_t samples, v1::Ask ask) {
  OpenDraft open;
  open.record.set_id("j_" + std::to_string(++next_id_));
  open.record.set_tenant(tenant);
  open.record.set_submission_id("s_" + std::to_string(next_id_));
  open.record.set_created_at_us(now_us);
  v1::Job& spec = *open.record.mutable_job();
  for (int i = 0; i < teachers; ++i) spec.add_teachers("t" + std::to_string(i));
  spec.set_samples(samples);
  spec.set_ask(ask);
  spec.set_dataset("d");
  return must(std::move(open)).number;
}

absl::StatusOr<Applied> Rig::add(uint64_t job, uint64_t first, uint64_t count) {
  return store_->apply_and_wait(AddPrompts{job, first, count, prompt_block(first, count)});
}

uint64_t Rig::job(uint64_t prompts, int teachers, uint32_t samples, v1::Ask ask) {
  const uint64_t number = draft(teachers, samples, ask);
  if (prompts > 0) REQUIRE(add(number, 0, prompts).ok());
  must(CommitDraft{number, prompts, 0});
  return number;
}

v1::Intent Rig::intent(uint64_t job, uint32_t stream, uint64_t ordinal) {
  v1::Intent intent;
  intent.set_id("intent" + std::to_string(++next_id_));
  intent.set_job_number(job);
  intent.set_stream(stream);
  intent.set_ordinal(ordinal);
  intent.set_teacher("t" + std::to_string(stream));
  intent.set_cost_max_picodollars(1000);
  intent.set_started_at_us(now_us);
  intent.set_attempt(1);
  intent.set_budget_day(19000);
  return intent;
}

Reserve Rig::reserve(const v1::Intent& intent, std::optional<int64_t> due) {
  return {{intent.job_number(), intent.stream(), intent.ordinal(), due, std::max(1u, intent.choices())}, intent};
}

std::string Rig::record_id() {
  static constexpr char kDigits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string id(28, '0');
  id[0] = 'r', id[1] = '_';
  int64_t ms = now_us / 1000;
  for (int i = 11; i >= 2; --i, ms >>= 5) id[i] = kDigits[ms & 31];
  uint64_t rest = ++next_id_ * 0x9E3779B97F4A7C15;
  for (int i = 27; i >= 15; --i, rest >>= 5) id[i] = kDigits[rest & 31];
  return id;
}

Identity Rig::identity(const v1::Intent& intent) const {
  Identity identity{};
  identity[0] = static_cast<uint8_t>(intent.job_number());
  identity[1] = static_cast<uint8_t>(intent.stream());
  for (int i = 0; i < 8; ++i) identity[2 + i] = static_cast<uint8_t>(intent.ordinal() >> (8 * i));
  return identity;
}

Settle Rig::settle(const v1::Intent& intent, std::string text, std::string dataset) {
  Settle settle;
  settle.intent = intent;
  settle.answer.set_raw(std::move(text));
  settle.answer.set_teacher(intent.teacher());
  settle.answer.set_cost_picodollars(700);
  settle.answer.set_completed_at_us(++now_us);
  settle.answer.set_tenant(tenant);
  settle.dataset = std::move(dataset);
  const auto job = store_->job(intent.job_number());
  const uint32_t ordinals = ordinals_per_prompt(job->job());
  v1::Intent one = intent;
  for (uint32_t i = 0; i < std::max(1u, intent.choices()); ++i) {
    one.set_ordinal(intent.ordinal() + i);
    Settled& sample = settle.samples.emplace_back();
    sample.identity = identity(one);
    sample.reusable = true;
    v1::Pair& pair = sample.pair;
    pair.set_record_id(record_id());
    pair.set_job_number(intent.job_number());
    pair.set_prompt(one.ordinal() / ordinals);
    pair.set_sample(sample_at(job->job(), one.ordinal(), one.turn()));
    pair.set_choice(i);
    pair.set_teacher(intent.teacher());
    pair.set_tenant(tenant);
    pair.set_stored_at_us(now_us);
  }
  settle.charge.spent_picodollars = 700;
  settle.charge.input_tokens = 10;
  settle.charge.output_tokens = 20;
  return settle;
}

Postpone Rig::postpone(const v1::Intent& intent, int64_t due) {
  Postpone postpone;
  postpone.intent = intent;
  postpone.to.set_ordinal(intent.ordinal());
  postpone.to.set_attempts(intent.attempt());
  postpone.to.set_due_at_us(due);
  postpone.to.set_last_outcome("throttled");
  return postpone;
}

End Rig::end(const v1::Intent& intent) {
  End end;
  end.intent = intent;
  end.ending.set_prompt(intent.ordinal());
  end.ending.set_teacher(intent.teacher());
  end.ending.set_outcome("rejected");
  end.ending.set_at_us(++now_us);
  return end;
}

Applied Rig::must(Change change) {
  auto applied = store_->apply_and_wait(std::move(change));
  INFO(applied.status().ToString());
  REQUIRE(applied.ok());
  return *applied;
}

absl::Status Rig::fails(Change change) {
  auto applied = store_->apply_and_wait(std::move(change));
  REQUIRE_FALSE(applied.ok());
  return applied.status();
}

v1::Intent Rig::asked(uint64_t job, uint64_t ordinal, uint32_t stream) {
  v1::Intent made = intent(job, stream, ordinal);
  must(reserve(made));
  return made;
}

}  // namespace harvest::store::test
