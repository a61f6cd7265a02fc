#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "storage/store/store.h"
#include "tests/scale.h"

namespace harvest::store::test {

/// A store in a directory of its own, and the verbs of those who use it. Times and ids are made up, rising, and unique.
class Rig {
 public:
  Rig();
  ~Rig();
  Rig(const Rig&) = delete;

  Options options;
  bool serves = true;  ///< open() is followed by begin_serving()
  void open();
  absl::Status try_open();
  void close();      ///< a clean end
  void give_back();  ///< the end of a start that failed
  void crash();      ///< the process goes, close() was never called
  Store& operator*() { return *store_; }
  Store* operator->() { return store_.get(); }
  bool is_open() const { return store_ != nullptr; }

  /// A committed job of `prompts` prompts. Teachers t0, t1, ...
  uint64_t job(uint64_t prompts, int teachers = 1, uint32_t samples = 1, v1::Ask ask = v1::EACH);
  uint64_t draft(int teachers = 1, uint32_t samples = 1, v1::Ask ask = v1::EACH);
  absl::StatusOr<Applied> add(uint64_t job, uint64_t first, uint64_t count);

  v1::Intent intent(uint64_t job, uint32_t stream, uint64_t ordinal);
  /// Every change as its caller would make it; costs 1000 a reservation, 700 an answer.
  Reserve reserve(const v1::Intent& intent, std::optional<int64_t> due = std::nullopt);
  Settle settle(const v1::Intent& intent, std::string text = "an answer", std::string dataset = "d");
  Postpone postpone(const v1::Intent& intent, int64_t due);
  End end(const v1::Intent& intent);
  Identity identity(const v1::Intent& intent) const;
  std::string record_id();

  Applied must(Change change);                                            ///< REQUIREs success
  absl::Status fails(Change change);                                      ///< the error; REQUIREs one
  v1::Intent asked(uint64_t job, uint64_t ordinal, uint32_t stream = 0);  ///< reserved
  std::filesystem::path directory() const { return directory_; }
  int64_t now_us = 1'700'000'000'000'000;
  std::string tenant = "default";

 private:
  std::filesystem::path directory_;
  std::unique_ptr<Store> store_;
  uint64_t next_id_ = 0;
};

std::string prompt_block(uint64_t first, uint64_t count, size_t bytes = 20);

/// What the rows of a store say, counted again, against its counters. Empty: they agree. The store must not be open.
std::vector<std::string> recount(const Options& options);
inline const std::vector<std::string> kAgreement;  ///< what recount() returns of a sound store
using testing::scale;

}  // namespace harvest::store::test
