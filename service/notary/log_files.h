#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "service/notary/notary.h"
#include "storage/proof/inclusion_file.h"
#include "storage/store/store.h"

/// What anyone may have of the log, up to what is signed: nothing of it will ever change.
namespace harvest::notary {

/// A file of c2sp.org/tlog-tiles by its path: "checkpoint", "tile/0/x001/234", "tile/entries/000.p/5". A partial tile
/// is had at any width up to what is signed. NOT_FOUND: there is no such file, or not yet. Any thread; reads the disk.
absl::StatusOr<std::string> log_file(const store::Store& store, const Notary& notary, std::string_view path);

/// That entry `index` is in the log, under the newest checkpoint, which is signed for it where it does not reach so
/// far; the entry stands in the file. OUT_OF_RANGE: the log has no such entry.
absl::StatusOr<proof::InclusionFile> prove_entry(const store::Store& store, Notary& notary, uint64_t index);

}  // namespace harvest::notary
