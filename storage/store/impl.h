#pragma once

#include <memory>

#include "storage/store/committer.h"
#include "storage/store/database.h"
#include "storage/store/prompt_cache.h"
#include "storage/store/state.h"
#include "storage/store/store.h"

namespace harvest::store {

/// What a Store is made of, in the order it is built. Private to the store's own sources.
struct Store::Impl {
  explicit Impl(std::unique_ptr<Database> opened) : database(std::move(opened)), prompts(*database) {}

  std::unique_ptr<Database> database;
  State state;
  StartReport report;
  mutable PromptCache prompts;
  std::unique_ptr<Committer> committer;  // last: its thread uses all of the above
  bool closed = false;
};

/// For reads that cannot answer with an error: a row that should be there cannot be read, so disk and program disagree.
/// Says so on stderr and crashes; nothing acknowledged is lost by it.
[[noreturn]] void fail_read(const rocksdb::Status& status, const char* what);
inline void check_read(const rocksdb::Status& status, const char* what) {
  if (!status.ok()) fail_read(status, what);
}

}  // namespace harvest::store
