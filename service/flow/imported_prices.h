#pragma once

#include <vector>

#include "harvest/v1/teacher.pb.h"

namespace harvest::flow {

/// The teacher's prices over time: as configured, and what was imported over them, which so goes before on equal days.
inline void set_price_changes(const v1::Teacher& configured, const std::vector<v1::Prices>& imported,
                              v1::Teacher& teacher) {
  *teacher.mutable_price_changes() = configured.price_changes();
  teacher.mutable_price_changes()->Add(imported.begin(), imported.end());
}

}  // namespace harvest::flow
