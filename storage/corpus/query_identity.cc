#include "storage/corpus/query_identity.h"

#include <bit>
#include <cstring>

#include "storage/corpus/digest.h"

namespace harvest::corpus {
namespace {

static_assert(std::endian::native == std::endian::little, "frames are little-endian; this writes words as they lie");

enum Tag : uint8_t {
  kModel = 1,
  kRevision = 2,
  kSample = 3,
  kMessage = 10,  // value: empty; the message's fields follow
  kRole = 11,
  kContent = 12,
  kParts = 13,
  kName = 14,
  kToolCallId = 15,
  kToolCalls = 16,
  kReasoning = 17,
  kTools = 20,
  kToolChoice = 21,
  kTemperature = 30,
  kTopP = 31,
  kTopK = 32,
  kSeed = 33,
  kStop = 34,
  kResponseFormat = 35,
  kReasoningEffort = 36,
  kTopLogprobs = 37,
  kFrequencyPenalty = 38,
  kPresencePenalty = 39,
  kParallelToolCalls = 40,
  kExtraBody = 41,
  kReasoningBudget = 42,
};

/// Frames gather in a small buffer so that the hash is called for blocks, not for bytes; long values go to it directly.
class Framer {
 public:
  explicit Framer(Sha256& hash) : hash_(hash) {}

  void raw(std::string_view bytes) {
    if (bytes.size() > sizeof buffer_ - used_) flush();
    if (bytes.size() > sizeof buffer_) {
      hash_.add(bytes);
      return;
    }
    if (bytes.empty()) return;  // it may point nowhere
    std::memcpy(buffer_ + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }
  void field(Tag tag, std::string_view value) {
    char head[9];
    head[0] = static_cast<char>(tag);
    const uint64_t length = value.size();
    std::memcpy(head + 1, &length, 8);
    raw({head, sizeof head});
    raw(value);
  }
  void text(Tag tag, std::string_view value) {
    if (!value.empty()) field(tag, value);
  }
  void number(Tag tag, uint64_t value) {
    char bytes[8];
    std::memcpy(bytes, &value, 8);
    field(tag, {bytes, 8});
  }
  void real(Tag tag, double value) { number(tag, std::bit_cast<uint64_t>(value == 0 ? 0.0 : value)); }
  void flush() {
    hash_.add({buffer_, used_});
    used_ = 0;
  }

 private:
  Sha256& hash_;
  size_t used_ = 0;
  char buffer_[4096];
};

void frame_message(Framer& frame, const v1::Message& message) {
  frame.field(kMessage, {});
  frame.text(kRole, message.role());
  frame.text(kContent, message.content());
  frame.text(kParts, message.parts_json());
  frame.text(kName, message.name());
  frame.text(kToolCallId, message.tool_call_id());
  frame.text(kToolCalls, message.tool_calls_json());
  frame.text(kReasoning, message.reasoning_content());
}

void frame_sampling(Framer& frame, const v1::Sampling& sampling) {
  if (sampling.has_temperature()) frame.real(kTemperature, sampling.temperature());
  if (sampling.has_top_p()) frame.real(kTopP, sampling.top_p());
  if (sampling.has_top_k()) frame.number(kTopK, sampling.top_k());
  if (sampling.has_seed()) frame.number(kSeed, static_cast<uint64_t>(sampling.seed()));
  for (const std::string& stop : sampling.stop()) frame.field(kStop, stop);
  frame.text(kResponseFormat, sampling.response_format_json());
  frame.text(kReasoningEffort, sampling.reasoning_effort());
  if (sampling.has_top_logprobs()) frame.number(kTopLogprobs, sampling.top_logprobs());
  if (sampling.has_frequency_penalty()) frame.real(kFrequencyPenalty, sampling.frequency_penalty());
  if (sampling.has_presence_penalty()) frame.real(kPresencePenalty, sampling.presence_penalty());
  if (sampling.has_parallel_tool_calls()) frame.number(kParallelToolCalls, sampling.parallel_tool_calls() ? 1 : 0);
  frame.text(kExtraBody, sampling.extra_body_json());
  if (sampling.has_reasoning_budget_tokens()) frame.number(kReasoningBudget, sampling.reasoning_budget_tokens());
}

}  // namespace

std::array<uint8_t, 32> query_identity(std::string_view model, std::string_view revision, const v1::Prompt& prompt,
                                       const v1::Sampling& merged, uint32_t sample) {
  thread_local Sha256 hash;
  Framer frame(hash);
  frame.raw("harvest.query/1\n");
  frame.text(kModel, model);
  frame.text(kRevision, revision);
  frame.number(kSample, sample);
  for (const v1::Message& message : prompt.messages()) frame_message(frame, message);
  frame.text(kTools, prompt.tools_json());
  frame.text(kToolChoice, prompt.tool_choice_json());
  frame_sampling(frame, merged);
  frame.flush();
  return hash.finish();
}

}  // namespace harvest::corpus
