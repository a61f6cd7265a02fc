#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace harvest::corpus {

/// A dataset's name is a folder, a part of its shards' file names and of addresses: 1 to 100 of a-z, 0-9, '.', '_' and
/// '-', beginning with a letter or digit. INVALID_ARGUMENT says so.
absl::Status check_dataset_name(std::string_view name);
/// The same for a view of one.
absl::Status check_view_name(std::string_view name);

}  // namespace harvest::corpus
