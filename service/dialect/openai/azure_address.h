#pragma once

#include <string>
#include <string_view>

#include "harvest/v1/teacher.pb.h"

/// The two faces of an Azure resource.
namespace harvest::dialect {

/// The newer face: paths are OpenAI's own, and bodies name the deployment as their model.
bool azure_names_model(const v1::Teacher& teacher);

/// Where `place` is, which begins with a slash; on the older face under /openai, with the version that the teacher
/// states.
std::string azure_path(const v1::Teacher& teacher, std::string_view place);

}  // namespace harvest::dialect
