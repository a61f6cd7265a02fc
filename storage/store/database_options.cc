#include "storage/store/database_options.h"

#include <algorithm>

#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/listener.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/table.h"
#include "rocksdb/write_buffer_manager.h"
#include "storage/store/info_log.h"

namespace harvest::store {
namespace {

// The log is at most this long before the oldest memtables are flushed: bounds the replay of a crash.
constexpr uint64_t kLogBytesMax = 64 << 20;
// Open table files. Their index and filter blocks live in the block cache, so that each costs little more than a
// descriptor.
constexpr int kOpenFilesMax = 512;
constexpr size_t kInfoLogBytes = 1 << 20;

struct Shape {
  const char* name;
  size_t block_bytes;
  rocksdb::CompressionType compression;
  bool looked_up;  // by whole key, often in vain: worth a bloom filter
  size_t
      run_prefix;  // keys that share this many bytes arrive nearly in order: the memtable remembers where the last went
};

// Answers and pairs are read in runs and compressed together: large blocks (ceilings 4: 32 KB costs no scan speed,
// saves a fifth of the disk over 4 KB). A prompt block is a block of its own whatever is set here. Index rows are
// hashes: they do not compress, and are read one by one.
constexpr Shape kShapes[kFamilies] = {
    {"default", 8 << 10, rocksdb::kZSTD, false, 1},           {"prompt", 32 << 10, rocksdb::kZSTD, false, 8},
    {"answer", 32 << 10, rocksdb::kLZ4Compression, false, 0}, {"pair", 32 << 10, rocksdb::kLZ4Compression, false, 8},
    {"index", 4 << 10, rocksdb::kNoCompression, true, 0},     {"near", 4 << 10, rocksdb::kNoCompression, true, 0},
};

/// RocksDB must not come back by itself: the next write would go into the log that failed (database.h).
class NoOwnRecovery : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

}  // namespace

rocksdb::DBOptions database_options(const Options& options, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  db.paranoid_checks = true;
  db.listeners.push_back(std::make_shared<NoOwnRecovery>());
  db.max_bgerror_resume_count = 0;
  db.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(options.memtable_bytes, cache);
  db.max_total_wal_size = kLogBytesMax;
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // A log replayed at open is flushed there and then: what was in the page cache alone is not built upon.
  db.avoid_flush_during_recovery = false;
  db.max_open_files = kOpenFilesMax;
  db.max_background_jobs = 2;
  db.bytes_per_sync =
      1 << 20;  // table files go to disk as they grow, not in one wave that the log's fsync waits behind
  // One writer thread: the machinery for many is pure cost.
  db.allow_concurrent_memtable_write = false;
  db.enable_write_thread_adaptive_yield = false;
  db.skip_stats_update_on_db_open = true;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.info_log = std::make_shared<InfoLog>(options.path, kInfoLogBytes);
  return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> family_options(const Options& options,
                                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const Shape& shape : kShapes) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.cache_index_and_filter_blocks = true;
    table.pin_top_level_index_and_filter = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.partition_filters = shape.looked_up;
    table.block_size = shape.block_bytes;
    table.format_version = 5;
    if (shape.looked_up) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.whole_key_filtering = true;

    rocksdb::ColumnFamilyOptions family;
    family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    family.write_buffer_size = std::max<size_t>(options.memtable_bytes / 2, 1 << 20);
    family.max_write_buffer_number = 2;  // more is unsafe with parallel flushes before 7.10
    family.target_file_size_base = 32 << 20;
    // One kind for all levels: rows that arrived in order are then moved down whole, and compressed once in their life.
    // Answers and pairs pay for it while the harvest runs: LZ4 takes 4 us less of a pair's CPU than zstd's level 1 (10
    // where answers are of 4 KB; zstd's negative levels are no better than it) and 1.5 times the disk. Prompts are
    // written once and wait long.
    family.compression = shape.compression;
    family.compression_opts.level = 1;
    family.level_compaction_dynamic_level_bytes = true;
    if (shape.run_prefix > 0) {
      family.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(shape.run_prefix));
    }
    if (shape.looked_up) {
      // Rows of the last minutes are looked up in vain too: a bit test in place of a search in a list of random keys.
      family.memtable_whole_key_filtering = true;
      family.memtable_prefix_bloom_size_ratio = 0.05;
    }
    families.emplace_back(shape.name, family);
  }
  return families;
}

}  // namespace harvest::store
