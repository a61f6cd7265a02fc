#pragma once

#include <optional>

#include "service/dialect/answer_draft.h"
#include "service/dialect/json_body.h"

/// The frame of a whole 200 body of the OpenAI family: a list of choices, usage beside it. What a choice holds is for
/// its reader to say.
namespace harvest::dialect {

/// Of a provider's name.
inline constexpr size_t kServedByBytesMax = 100;

/// The body's choices; or why it is no answer: no JSON, an error, an empty list. `waits`: the server named a time to
/// come back.
std::optional<Outcome> find_choices(const JsonBody& body, bool waits, simdjson::dom::array& choices);

/// The draft of a choice of the list: by its own index, else by its place. Two of one number were both paid for. Null
/// past AnswerDraft::kChoicesMax.
ChoiceDraft* draft_of(const simdjson::dom::object& choice, int64_t place, AnswerDraft& answer);

/// The answer with its usage, and the names that the server gave to it.
Outcome finish_answer(const simdjson::dom::object& root, AnswerDraft& answer);

}  // namespace harvest::dialect
