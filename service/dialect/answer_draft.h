#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// One tool call while it is read; its arguments are JSON text, as the model wrote it.
struct ToolCallDraft {
  std::string id, name, arguments;
};

/// One choice while it is read, whole or in pieces.
struct ChoiceDraft {
  int64_t index = 0;  ///< the vendor's own
  Choice choice;
  std::vector<ToolCallDraft> tool_calls;
  std::string refusal_code;   ///< the vendor's word for its refusal; empty: the finish reason is it
  std::string refusal_words;  ///< its explanation, raw; or empty
  bool broken = false;        ///< the server broke it off: no answer by itself
  bool ended = false;         ///< of a stream: its finish reason has come

  /// The call of this number, made if need be; a stream that numbers wildly gets its last.
  ToolCallDraft& tool_call(size_t number);
};

/// An answer while it is read. Invariant: indices are distinct.
class AnswerDraft {
 public:
  static constexpr size_t kChoicesMax = 1024;

  /// The choice of this index, made if need be; null past kChoicesMax.
  ChoiceDraft* choice(int64_t index);
  bool empty() const { return choices_.empty(); }
  std::vector<ChoiceDraft>& choices() { return choices_; }
  const std::vector<ChoiceDraft>& choices() const { return choices_; }

  /// ANSWERED, or REFUSED where every choice is, in the words of the first; FAULTED where none is usable. Choices are
  /// sorted by index, so that pairs' numbers do not depend on the order of arrival; broken ones among good ones, which
  /// were paid for, stay and count as truncated. Usage that was not reported is estimated.
  Outcome finish(v1::Usage usage);

 private:
  std::vector<ChoiceDraft> choices_;
};

/// The calls as OpenAI states them: [{"id","type":"function","function":{"name","arguments":"…"}}]; empty for none.
std::string tool_calls_json(const std::vector<ToolCallDraft>& calls);

/// English is about four bytes a token; said to be an estimate, and used only where the vendor reports nothing.
uint64_t estimated_tokens(const std::vector<Choice>& choices);

}  // namespace harvest::dialect
