#include "tests/teachersim/batches/line_worker.h"

#include <cmath>

#include "tests/teachersim/faults.h"
#include "tests/teachersim/troubles.h"

namespace teachersim {
namespace {

Ledger::Line ledger_line(const Batch& batch, const BatchLine& line) {
  return {line.id, line.prompt_sha256, batch.id, line.custom_id};
}

}  // namespace

void LineWorker::receive(Batch& batch, const Moment& now) {
  if (ledger_ != nullptr) {
    const std::string metadata = batch.metadata.is_null() ? "" : boost::json::serialize(batch.metadata);
    ledger_->batch(batch.id, batch.door, static_cast<std::int64_t>(batch.lines.size()), metadata, now);
  }
  for (BatchLine& line : batch.lines) {
    line.id.append(line.dialect->id_prefix()).append(run_).append(std::to_string(++stats_.requests));
    if (ledger_ == nullptr) continue;
    const std::string_view prompt = line.question ? std::string_view(line.question->prompt) : std::string_view();
    line.prompt_sha256 = sha256_hex(prompt);
    ledger_->received(ledger_line(batch, line), line.question ? line.question->model : batch.model, 0, now);
  }
}

void LineWorker::work(const Batch& batch, BatchLine& line, const Moment& now) {
  bool refuse = false;
  std::string refusal_code;
  if (std::optional<Trouble> trouble = trouble_of(line, refuse, refusal_code)) {
    trouble->request_id = line.id;
    Reply reply = line.dialect->reply(*trouble);
    line.status = reply.status;
    line.body = std::move(reply.body);
    line.state = BatchLine::State::kFailed;
    const std::string reason = name_of(*trouble);
    ++stats_.failed[reason];
    if (ledger_ != nullptr) ledger_->failed(ledger_line(batch, line), reason, now);
    return;
  }
  const Stamp stamp{line.id, now.utc_us / 1'000'000, refuse, refusal_code, true};
  Answer answer = line.dialect->answer(*line.question, stamp);
  line.status = 200;
  line.body = std::move(answer.body);
  line.state = BatchLine::State::kAnswered;
  line.question.reset();  // a large batch need not keep what it asked
  const auto cost =
      static_cast<std::int64_t>(std::llround(static_cast<double>(cost_of(answer.usage, prices_)) * plan_.price_ratio));
  if (ledger_ != nullptr) ledger_->answered(ledger_line(batch, line), answer.contents, answer.usage, cost, "", now);
  count_answer(stats_, answer.usage, cost, refuse);
}

void LineWorker::drop(const Batch& batch, BatchLine& line, BatchLine::State state, const Moment& now) {
  line.state = state;
  const char* reason = state == BatchLine::State::kExpired     ? "batch_expired"
                       : state == BatchLine::State::kCancelled ? "batch_cancelled"
                                                               : "batch_failed";
  ++stats_.failed[reason];
  if (ledger_ != nullptr) ledger_->failed(ledger_line(batch, line), reason, now);
}

bool LineWorker::falls(double share) {
  if (share <= 0) return false;
  Draw draw(mix(shape_.seed) ^ mix(0x6261746368ULL + drawn_++));
  return draw.share() < share;
}

std::optional<Trouble> LineWorker::trouble_of(const BatchLine& line, bool& refuse, std::string& refusal_code) {
  if (!line.question) return line.trouble;
  const std::optional<Marker> marker = find_marker(line.question->prompt);
  if (marker && (marker->times == 0 || marked_[line.question->key]++ < marker->times)) {
    if (marker->fault.kind == Mischief::kStatus) return trouble_of_status(marker->fault.status, marker->fault.code);
    refuse = marker->fault.kind == Mischief::kRefuse;
    refusal_code = marker->fault.code;
  }
  if (falls(plan_.failed_lines_rate)) return trouble_of_status(500);
  return std::nullopt;
}

}  // namespace teachersim
