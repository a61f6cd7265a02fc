#pragma once

#include <simdjson.h>

#include "harvest/v1/answer.pb.h"

namespace harvest::dialect {

/// Adds the positions of `logprobsResult: {chosenCandidates: [{token, tokenId, logProbability}], topCandidates:
/// [{candidates: […]}]}`. What is malformed is left out.
void read_gemini_labels(const simdjson::dom::object& result, v1::SoftLabels& labels);

}  // namespace harvest::dialect
