#include "service/dialect/openai/openai_completions_stream.h"

#include <map>

#include "service/dialect/openai/block_logprobs.h"
#include "service/dialect/openai/openai_completions_answer.h"
#include "service/dialect/openai/openai_stream.h"

namespace harvest::dialect {
namespace {

class CompletionsStream final : public OpenAiStream {
 public:
  using OpenAiStream::OpenAiStream;

 private:
  bool append_piece(const simdjson::dom::object& piece, ChoiceDraft& draft) override {
    return append_completion(piece, draft) && truthy_at(piece, "logprobs");
  }

  std::string_view text_member() const override { return R"("text":)"; }

  void append_logprobs(const ChoiceSlices& slices, ChoiceDraft& draft) override {
    logprobs_[draft.index].append(slices.logprobs);
  }

  void close(AnswerDraft& answer) override {
    for (const auto& [index, logprobs] : logprobs_) answer.choice(index)->choice.logprobs_json = logprobs.json();
  }

  std::map<int64_t, BlockLogprobs> logprobs_;  ///< by the choices' own indices
};

}  // namespace

Outcome read_completions_stream(std::string_view body, size_t slack) {
  return CompletionsStream(body, slack).read();
}

}  // namespace harvest::dialect
