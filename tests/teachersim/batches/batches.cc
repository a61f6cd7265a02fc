#include "tests/teachersim/batches/batches.h"

#include <algorithm>

namespace teachersim {

std::int64_t Batch::count(BatchLine::State wanted) const {
  return std::count_if(lines.begin(), lines.end(), [&](const BatchLine& line) { return line.state == wanted; });
}

std::int64_t Batch::input_tokens() const {
  std::int64_t tokens = 0;
  for (const BatchLine& line : lines) tokens += line.question ? line.question->input_tokens : 0;
  return tokens;
}

bool Batches::is_full_for(const Batch& draft) const {
  if (plan_.enqueued_tokens == 0) return false;
  std::int64_t waiting = draft.input_tokens();
  for (const auto& batch : batches_) waiting += batch->is_running() ? batch->input_tokens() : 0;
  return waiting > plan_.enqueued_tokens;
}

Batch& Batches::add(Batch draft, std::string_view id_prefix, const Moment& now) {
  draft.id = std::string(id_prefix) + run_ + std::to_string(++made_);
  draft.created = now.now;
  draft.created_s = now.utc_us / 1'000'000;
  draft.expires = worker_.falls(plan_.expire_rate);
  for (BatchLine& line : draft.lines) {
    if (line.question) line.question->stream = false;
  }
  batches_.push_back(std::make_unique<Batch>(std::move(draft)));
  Batch& batch = *batches_.back();
  worker_.receive(batch, now);
  if (batch.failure) end(batch, Batch::State::kFailed, now);
  return batch;
}

void Batches::advance(const Moment& now) {
  for (const auto& batch : batches_) {
    if (!batch->is_running()) continue;
    const limits::Time age = now.now - batch->created;
    const bool over = age >= plan_.takes;
    const double share = over ? 1.0 : std::chrono::duration<double>(age) / std::chrono::duration<double>(plan_.takes);
    auto until = static_cast<std::size_t>(static_cast<double>(batch->lines.size()) * share);
    if (batch->expires) until = std::min(until, batch->lines.size() / 2);
    work_until(*batch, until, now);
    if (over) end(*batch, batch->expires ? Batch::State::kExpired : Batch::State::kEnded, now);
  }
}

void Batches::cancel(Batch& batch, const Moment& now) {
  if (batch.is_running()) end(batch, Batch::State::kCancelled, now);
}

void Batches::remove(Batch& batch, const Moment& now) {
  cancel(batch, now);
  std::erase_if(batches_, [&](const auto& one) { return one.get() == &batch; });
}

Batch* Batches::find(std::string_view door, std::string_view id) {
  for (const auto& batch : batches_) {
    if (batch->door == door && batch->id == id) return batch.get();
  }
  return nullptr;
}

std::vector<const Batch*> Batches::list(std::string_view door, std::string_view after, std::size_t limit) const {
  std::vector<const Batch*> found;
  bool begun = after.empty();
  for (auto batch = batches_.rbegin(); batch != batches_.rend() && found.size() < limit; ++batch) {
    if ((*batch)->door != door) continue;
    if (begun) found.push_back(batch->get());
    begun |= (*batch)->id == after;
  }
  return found;
}

limits::Time Batches::next_end() const {
  limits::Time next = limits::Time::max();
  for (const auto& batch : batches_) {
    if (batch->is_running()) next = std::min(next, batch->created + plan_.takes);
  }
  return next;
}

void Batches::work_until(Batch& batch, std::size_t until, const Moment& now) {
  for (; batch.touched < until; ++batch.touched) worker_.work(batch, batch.lines[batch.touched], now);
}

/// What has not been worked on by now never will be.
void Batches::end(Batch& batch, Batch::State state, const Moment& now) {
  const auto fate = state == Batch::State::kExpired     ? BatchLine::State::kExpired
                    : state == Batch::State::kCancelled ? BatchLine::State::kCancelled
                                                        : BatchLine::State::kFailed;
  for (BatchLine& line : batch.lines) {
    if (line.state == BatchLine::State::kWaiting) worker_.drop(batch, line, fate, now);
  }
  batch.state = state;
  batch.ended_s = now.utc_us / 1'000'000;
  if (on_end_) on_end_(batch, now);
}

}  // namespace teachersim
