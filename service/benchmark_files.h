#pragma once

#include "absl/status/statusor.h"
#include "harvest/v1/config.pb.h"
#include "service/quality/labels/benchmark_list.h"

namespace harvest {

/// Reads the benchmarks of the configuration: a text a line; of a line that is JSON, every text in it. INVALID_ARGUMENT
/// names the field and the file that cannot be read, or that holds no text of 8 words.
absl::StatusOr<quality::BenchmarkList> read_benchmarks(const v1::QualityOptions& options);

}  // namespace harvest
