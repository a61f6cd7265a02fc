#pragma once

#include <string>

#include "harvest/v1/answer.pb.h"

namespace harvest::corpus {

/// Appends a teacher's distributions as columns, each behind a comma: `tokenizer_id`; `logprobs` and
/// `target_token_ids`, a list for each token of the answer (Axolotl's KD rows); `input_ids`, `token_ids` and
/// `top_values`, where the i-th list is of the token that follows on the i-th (DistillKit's sparse rows: one list less
/// than tokens).
///
/// All lists of a row have as many entries as the shortest had, the likeliest first: their readers want rectangles.
/// False, and nothing appended, where there are no token ids, or a token without alternatives.
bool append_soft_labels(std::string& out, const v1::SoftLabels& labels);

}  // namespace harvest::corpus
