#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/byte_source.h"

namespace harvest::client {

/// The rows of a CSV file as JSON lines: the header names the fields, all values are texts. Fields are separated by
/// commas and may be quoted ("" is a quote), with lines of their own inside. Line n is the file's n-th row, its header
/// being the first, an empty line. A row that is wrong for itself (another number of fields, no UTF-8) is a line of
/// plain words that say so, not an object.
///
/// `name` is what errors call it. INVALID_ARGUMENT: no header, a column without a name or named twice, broken quoting.
/// One owner, one thread; a row is held in memory, and at most 16 MiB long.
std::unique_ptr<ByteSource> csv_lines(std::unique_ptr<ByteSource> csv, const std::string& name);

}  // namespace harvest::client
