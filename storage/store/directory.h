#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/env.h"
#include "storage/store/store.h"

namespace harvest::store {

/// The directory of a store before and around its opening: made where it is missing, refused where it must not be
/// touched, and explained where it would not open.
///
/// The schema's version is the name of an empty column family, since that can be read from the manifest alone: opening
/// the database would already replay its log and write files.
class Directory {
 public:
  Directory(const Options& options, rocksdb::Env* env) : path_(options.path), env_(env) {}

  static std::string schema_family();

  /// Ok: a store is there, of a schema this program can open, or none, and the directory is made and durable.
  absl::Status prepare() const;
  /// The same error, with the path, and the process that holds the store where that is the cause.
  absl::Status explain(const absl::Status& status) const;

 private:
  absl::Status check_schema() const;
  absl::Status make() const;

  std::string path_;
  rocksdb::Env* env_;
};

}  // namespace harvest::store
