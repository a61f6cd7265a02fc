#include "tests/simulation/self_hosted_teacher.h"

#include <algorithm>
#include <utility>

namespace harvest::simulation {

void SelfHostedTeacher::arrive(Sequence sequence) {
  waiting_.push_back(std::move(sequence));
  if (!stepping_) begin_step();
}

void SelfHostedTeacher::restart(int64_t slots) {
  engine_.slots = slots;
  ++life_;
  stepping_ = false;
  decoding_ = 0;
  std::vector<Sequence> lost;
  for (auto& [step, sequences] : std::exchange(decoding_until_, {}))
    std::move(sequences.begin(), sequences.end(), std::back_inserter(lost));
  for (auto* queue : {&reading_, &waiting_}) {
    std::move(queue->begin(), queue->end(), std::back_inserter(lost));
    queue->clear();
  }
  for (const Sequence& sequence : lost) sequence.ended(false);
}

int64_t SelfHostedTeacher::read_prompts(int64_t tokens) {
  const int64_t had = tokens;
  for (Sequence& sequence : reading_) {
    const int64_t read = std::min(tokens, sequence.prompt_tokens);
    sequence.prompt_tokens -= read;
    tokens -= read;
  }
  while (tokens > 0 && !waiting_.empty() && running() < engine_.slots) {
    Sequence& sequence = reading_.emplace_back(std::move(waiting_.front()));
    waiting_.pop_front();
    const int64_t read = std::min(tokens, sequence.prompt_tokens);
    sequence.prompt_tokens -= read;
    tokens -= read;
  }
  return had - tokens;
}

void SelfHostedTeacher::begin_step() {
  const int64_t read = read_prompts(engine_.tokens_per_step - decoding_);
  stepping_ = running() > 0;
  if (!stepping_) return;
  const Time length = engine_.step + engine_.per_sequence * decoding_ + engine_.per_prompt_token * read;
  waiting_seconds_ += static_cast<double>(waiting()) * std::chrono::duration<double>(length).count();
  events_.after(length, [this, life = life_] {
    if (life == life_) end_step();
  });
}

void SelfHostedTeacher::end_step() {
  std::vector<Sequence> ended;
  if (const auto last = decoding_until_.find(step_); last != decoding_until_.end()) {
    ended = std::move(last->second);
    decoding_until_.erase(last);
    decoding_ -= static_cast<int64_t>(ended.size());
  }
  std::vector<std::function<void()>> begun;
  while (!reading_.empty() && reading_.front().prompt_tokens == 0) {
    Sequence sequence = std::move(reading_.front());
    reading_.pop_front();
    begun.push_back(sequence.first_token);
    if (sequence.output_tokens <= 1) {
      ended.push_back(std::move(sequence));
      continue;
    }
    ++decoding_;
    decoding_until_[step_ + sequence.output_tokens - 1].push_back(std::move(sequence));
  }
  ++step_;
  for (const auto& first_token : begun) first_token();
  for (const Sequence& sequence : ended) sequence.ended(true);
  begin_step();
}

}  // namespace harvest::simulation
