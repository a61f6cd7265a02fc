#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/teachersim/batches/batch_clerk.h"

namespace teachersim {

/// Reads an input file of OpenAI's or Azure's: {"custom_id","method","url","body"} a line. What is wrong with the file
/// becomes the batch's failure; what is wrong with one request becomes that line's trouble.
void read_openai_lines(Batch& batch, const BatchRoom& room, std::string_view content);

/// The results, in the order in which they are handed out (not that of the input): answers, or else errors.
std::string openai_results(const Batch& batch, bool errors);

}  // namespace teachersim
