#pragma once

#include <string>
#include <string_view>

#include "harvest/v1/teacher.pb.h"
#include "service/dialect/http_message.h"

/// What every request to Anthropic says.
namespace harvest::dialect {

/// Where `place` is, which begins with a slash: the endpoint may be given with its /v1 or without.
std::string anthropic_path(const v1::Teacher& teacher, std::string_view place);

/// The version of its interface, as the teacher states it or as we know it.
Headers anthropic_version(const v1::Teacher& teacher);

}  // namespace harvest::dialect
