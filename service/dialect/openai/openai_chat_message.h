#pragma once

#include "service/dialect/answer_draft.h"
#include "service/dialect/json_body.h"

/// What whole chat answers and the pieces of streamed ones have in common: `message` and `delta` are read alike.
namespace harvest::dialect {

/// Appends a message's (or delta's) texts to the draft:
/// - `reasoning_content`, `reasoning` and parts of type thinking go to reasoning_content; inline <think> stays in the
///   text;
/// - `refusal` marks the choice refused, and is its content where it has none.
void append_chat_texts(const simdjson::dom::object& message, ChoiceDraft& draft);

/// A choice's logprobs, in the shape of today or as Together's older block.
void read_chat_logprobs(const simdjson::dom::object& logprobs, v1::SoftLabels& labels);

/// The finish reason, in the vendor's word: capped, filtered or broken off.
void end_chat_choice(std::string_view finish_reason, ChoiceDraft& draft);

}  // namespace harvest::dialect
