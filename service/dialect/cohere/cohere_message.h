#pragma once

#include <simdjson.h>

#include <string_view>

#include "service/dialect/answer_draft.h"
#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

/// What a whole answer and the events of a stream of /v2/chat state alike.
namespace harvest::dialect {

/// A piece of content, `{type, text | thinking}`; both of a text and a thought may be there.
void read_cohere_content(const simdjson::dom::object& content, ChoiceDraft& draft);

/// `{id, type, function: {name, arguments}}`, added to what is there of the call.
void read_cohere_call(const simdjson::dom::object& call, ToolCallDraft& draft);

/// COMPLETE, STOP_SEQUENCE, TOOL_CALL end an answer, MAX_TOKENS cuts it off; ERROR and TIMEOUT break it off. Others
/// count as its end: ERROR_TOXIC of older models is a refusal.
void read_cohere_finish(std::string_view reason, ChoiceDraft& draft);

/// `{text, token_ids, logprobs}`: some tokens and the text that they make. Which token makes which part of it is not
/// said: the first bears it all, the others none, so that they join to the text. A piece whose lists disagree is left
/// out.
void read_cohere_logprobs(const simdjson::dom::object& piece, v1::SoftLabels& labels);

/// `{tokens, billed_units, cached_tokens}`. What is billed goes before what was processed (which counts the vendor's
/// own preamble). False where neither says both figures.
bool read_cohere_usage(const simdjson::dom::object& holder, v1::Usage& usage);

}  // namespace harvest::dialect
