#pragma once

#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"

namespace harvest::publish {

/// Is the dataset's view fixed? From the first segment on that was closed for it.
bool is_fixed(const v1::DatasetRecord& dataset);

/// The view that a dataset is published in: what was asked for, filled in from what is fixed already, else `default` in
/// jsonl.gz with all rows. INVALID_ARGUMENT names what this version has not (other views, profiles, formats) and what
/// is wrong with a filter; FAILED_PRECONDITION where the view was first published in another format or with another
/// filter.
absl::StatusOr<v1::View> settle_view(const v1::DatasetRecord& dataset, const v1::View& asked);

}  // namespace harvest::publish
