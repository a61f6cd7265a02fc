#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/query.pb.h"
#include "storage/store/database.h"

namespace harvest::store {

/// The few blocks of prompts that were read last, parsed: whoever reads a job in order, however little at a time,
/// parses each block once. What is read whole is handed over whole, and not kept.
///
/// Any thread. A block never changes once a job is committed; a draft's blocks are not read through here while they
/// grow.
class PromptCache {
 public:
  explicit PromptCache(const Database& database) : database_(database) {}

  /// Prompts [first, first + count) of a job, fewer where it ends; room for all of them is made beforehand.
  absl::StatusOr<std::vector<v1::Prompt>> read(uint64_t job, uint64_t first, size_t count);

 private:
  struct Block {
    uint64_t job = 0;
    uint64_t first = 0;
    v1::PromptBlock prompts;
    bool holds(uint64_t of_job, uint64_t index) const {
      return job == of_job && index >= first && index - first < size();
    }
    /// All of it is wanted: it begins at `index`, and `count` from there on reach its end.
    bool lies_within(uint64_t index, uint64_t count) const { return first == index && size() <= count; }
    uint64_t size() const { return static_cast<uint64_t>(prompts.prompts_size()); }
  };
  /// Among those that are kept, or null.
  std::shared_ptr<const Block> find(uint64_t job, uint64_t index);
  std::shared_ptr<const Block> keep(std::unique_ptr<Block> block);
  /// From disk. Null: the job has no such prompt.
  absl::StatusOr<std::unique_ptr<Block>> load(uint64_t job, uint64_t index) const;

  const Database& database_;
  std::mutex mutex_;
  std::list<std::shared_ptr<const Block>> blocks_;  // last used first
};

}  // namespace harvest::store
