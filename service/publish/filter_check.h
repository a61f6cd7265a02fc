#pragma once

#include <string>

#include "absl/status/status.h"
#include "harvest/v1/dataset.pb.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// FAILED_PRECONDITION where no pair that has arrived passes the filter. Reads as far as the first that does.
absl::Status check_passes(const store::Store& store, const v1::DatasetRecord& dataset, const std::string& where);

}  // namespace harvest::publish
