#pragma once

#include <simdjson.h>

#include <string_view>

#include "harvest/v1/answer.pb.h"

namespace harvest::dialect {

/// Adds one position to the labels of a choice. `id` < 0: the vendor names the token by its text only.
void add_position(v1::SoftLabels& labels, std::string_view token, double logprob, int64_t id = -1);
/// Adds an alternative to the position added last.
void add_alternative(v1::SoftLabels& labels, std::string_view token, double logprob, int64_t id = -1);

/// Ids stand beside tokens by their place: where some have none, those of the others would name the wrong ones.
void drop_uneven_ids(v1::SoftLabels& labels);

/// OpenAI's `logprobs: {content: [{token, logprob, bytes, top_logprobs: […]}]}`, as many speak it. Exact bytes go
/// before the token's text (a token may be part of a character); vLLM's `token_id:N` is an id. What is malformed is
/// left out.
void read_openai_logprobs(const simdjson::dom::object& logprobs, v1::SoftLabels& labels);
/// The list within it.
void read_openai_positions(const simdjson::dom::array& content, v1::SoftLabels& labels);

/// The older block of parallel lists, `{tokens, token_logprobs, top_logprobs: [{token: logprob}]}`, of /completions and
/// Together. Positions without a logprob (an echoed prompt's first) are left out.
void read_block_logprobs(const simdjson::dom::object& block, v1::SoftLabels& labels);

}  // namespace harvest::dialect
