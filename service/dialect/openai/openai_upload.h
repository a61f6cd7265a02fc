#pragma once

#include <string>
#include <string_view>

#include "service/dialect/batch.h"

namespace harvest::dialect {

/// The file of a batch as a form (RFC 7578): one line a member. `call`: what the members ask for; `model`: as the lines
/// must name it, empty where the members' bodies do.
HttpRequest openai_upload(std::string path, const BatchOrder& order, std::string_view call, std::string_view model);

/// The order's token as a member of the JSON object that is being written.
void append_token(std::string& out, const BatchOrder& order);

}  // namespace harvest::dialect
