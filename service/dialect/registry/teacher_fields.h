#pragma once

#include <string_view>
#include <vector>

namespace harvest::dialect {

/// Which of a teacher's `api_version` and `region` this dialect reads. Elsewhere they would say nothing to anybody.
std::vector<std::string_view> teacher_fields(std::string_view dialect);

}  // namespace harvest::dialect
