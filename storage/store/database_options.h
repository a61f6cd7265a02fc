#pragma once

#include <memory>
#include <vector>

#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "storage/store/store.h"

namespace harvest::store {

/// The column families. Few: each costs a memtable, and the log is kept until the slowest of them has flushed.
enum class Family { kDefault, kPrompt, kAnswer, kPair, kIndex, kNear };
inline constexpr int kFamilies = 6;

/// How RocksDB is set up, and why each value. What depends on the machine comes from Options.
///
/// The tables share one block cache that holds index and filter blocks too and is charged for memtables: its capacity
/// is the store's whole memory for data (Options.block_cache_bytes + Options.memtable_bytes).
rocksdb::DBOptions database_options(const Options& options, const std::shared_ptr<rocksdb::Cache>& cache);
/// In the order of Family.
std::vector<rocksdb::ColumnFamilyDescriptor> family_options(const Options& options,
                                                            const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace harvest::store
