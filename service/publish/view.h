#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"

namespace harvest::publish {

/// The view where none is named.
inline constexpr char kDefaultView[] = "default";
/// Of one dataset. Each is cut and kept on its own.
inline constexpr int kViewsMax = 64;

/// Of one snapshot.
inline constexpr uint32_t kShardsMax = 65'536;

/// The view that is meant: the dataset's of that name, else what is asked for as a new one, filled in (jsonl.gz, all
/// rows, all columns). INVALID_ARGUMENT: a name that is none, what this version has not (formats, profiles), a wrong
/// filter. FAILED_PRECONDITION: the view is there and was first published otherwise; or there are too many.
absl::StatusOr<v1::View> settle_view(const v1::DatasetRecord& dataset, const v1::View& asked);

}  // namespace harvest::publish
