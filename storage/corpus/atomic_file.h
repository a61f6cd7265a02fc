#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

/// Files that are whole or not there: written beside their place, synced, renamed, and their directory synced, so that
/// after a power loss a name either has all of its bytes or does not exist.
///
/// Errors name the path; RESOURCE_EXHAUSTED where the disk does not take or give it (full, read-only, not permitted, no
/// directory): a local file's trouble never bears the code of a refusal. Blocking: never call it on a lane. Two writers
/// of one path at a time are an error of the caller.
namespace harvest::corpus {

/// What the names of files begin with that are being written. Hidden, so that no listing of shards ever shows one;
/// remove_leftovers() removes them.
inline constexpr char kWritingPrefix[] = ".writing-";

absl::Status write_file_atomically(const std::string& path, std::string_view bytes);

/// Creates what is missing of `path` and syncs each parent, so that the directory itself outlives a power loss.
absl::Status make_directories(const std::string& path);

/// The whole file; RESOURCE_EXHAUSTED where it has more than `bytes_max`, NOT_FOUND where there is none.
absl::StatusOr<std::string> read_file(const std::string& path, size_t bytes_max);

/// Removes what interrupted writes left in `directory` (not below it).
absl::Status remove_leftovers(const std::string& directory);

}  // namespace harvest::corpus
