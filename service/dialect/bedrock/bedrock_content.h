#pragma once

#include <string>
#include <string_view>

#include "harvest/v1/query.pb.h"
#include "service/dialect/asked.h"

namespace harvest::dialect {

/// `"messages":[…]`: what stands behind the leading system messages. Neighbours of one side (user and tools, assistant)
/// are merged into one turn, because AWS wants turns to alternate. The prompt has passed check_converse_prompt().
void append_converse_turns(std::string& out, const v1::Prompt& prompt);

/// AWS's word for an image's kind, told from its media type or, of one in S3, from its name's ending; empty: it takes
/// no such image.
std::string_view bedrock_image_format(const Part& image);

}  // namespace harvest::dialect
