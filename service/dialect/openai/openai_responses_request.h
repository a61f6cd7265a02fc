#pragma once

#include <string>
#include <string_view>

#include "service/dialect/dialect.h"

namespace harvest::dialect {

/// The body of POST /responses: one pass, one string. The leading system messages are its `instructions`; schemas and
/// extra_body are the user's own bytes. The query has passed check().
///
/// A tool whose `strict` is unstated is sent as not strict, which is what that means in chat's JSON; here it would mean
/// strict. With an effort, a summary of the reasoning is asked for, because nothing else of it is shown.
std::string responses_body(std::string_view model, const QueryView& query);

}  // namespace harvest::dialect
