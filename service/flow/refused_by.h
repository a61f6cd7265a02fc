#pragma once

#include <string_view>

#include "service/dialect/outcome.h"
#include "service/limit/demand.h"

namespace harvest::flow {

/// Which limit refused a throttled attempt, as limit::name_of() names dimensions: what the vendor's words name, else
/// what its headers say is used up, else the limit that bounded us when we last asked for a permit (`binding`), for
/// that is the one we ran close to. "none": nobody knows. Pure.
std::string_view refused_by(const dialect::Outcome& outcome, limit::Dimension binding);

}  // namespace harvest::flow
