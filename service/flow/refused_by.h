#pragma once

#include <optional>
#include <string_view>

#include "service/dialect/outcome.h"
#include "service/limit/demand.h"

namespace harvest::flow {

/// Which limit refused a throttled attempt, as limit::name_of() names dimensions: what the vendor says, else the limit
/// that bounded us when we last asked for a permit (`binding`), for that is the one we ran close to. "none": nobody
/// knows. Pure.
std::string_view refused_by(const dialect::Outcome& outcome, limit::Dimension binding);

/// The limit that a throttled attempt's vendor names, if it names one. Pure.
std::optional<limit::Dimension> named_limit(const dialect::Outcome& outcome);

}  // namespace harvest::flow
