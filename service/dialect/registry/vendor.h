#pragma once

#include <string_view>

#include "harvest/v1/teacher.pb.h"
#include "service/dialect/dialect.h"

namespace harvest::dialect {

/// Who serves this teacher (gen_ai.provider.name), where it names no vendor itself. Many speak a dialect that one of
/// them invented: the profile tells who, or what kind of server where anybody may run it; `openai_compatible` where
/// nothing is known of it.
std::string_view vendor_of(const Dialect& dialect, const v1::Teacher& teacher);

/// What the teacher's limits do not say of how its vendor counts: where its days begin, whether input that it read from
/// its cache counts, and whether caps on output do. Nothing for an unknown dialect.
void fill_counting(v1::Teacher& teacher);

/// Is it a server that anybody may run, by its dialect or profile? Such a one queues what it cannot run at once, and
/// states no limits.
bool queues(const Dialect& dialect, const v1::Teacher& teacher);

}  // namespace harvest::dialect
