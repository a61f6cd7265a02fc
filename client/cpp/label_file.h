#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/control.pb.h"

namespace harvest::client {

/// Verdicts of a file of JSON lines (`-`: standard input; gzip and zstd as they are):
///
///     {"record_id": "r_01JD…", "rule": "tests_pass", "value": "yes"}      value is a text, a number or a bool; or none
///
/// All of them, cut into messages for the dataset: some hundred bytes a line in memory. A rule is 1 to 64 of a-z, 0-9,
/// `_`,
/// `.` and `-`. INVALID_ARGUMENT names the lines that are wrong, the first twenty; then none is to be sent.
absl::StatusOr<std::vector<v1::ImportLabelsRequest>> read_label_file(const std::string& path,
                                                                     const std::string& dataset);

}  // namespace harvest::client
