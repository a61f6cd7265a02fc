#include "storage/store/prompt_cache.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/store/keys.h"

namespace harvest::store {
namespace {

// Jobs that run at once, times the two ends at which a stream is read (its cursor, its postponed rows), with room to
// spare; parsed, a block of 64 KB takes some 200 KB.
constexpr size_t kBlocksMax = 32;

}  // namespace

absl::StatusOr<std::vector<v1::Prompt>> PromptCache::read(uint64_t job, uint64_t first, size_t count) {
  std::vector<v1::Prompt> prompts;
  prompts.reserve(count);
  while (prompts.size() < count) {
    const uint64_t index = first + prompts.size();
    std::shared_ptr<const Block> kept = find(job, index);
    if (kept == nullptr) {
      auto loaded = load(job, index);
      if (!loaded.ok()) return loaded.status();
      if (*loaded == nullptr) break;
      if ((*loaded)->lies_within(index, count - prompts.size())) {
        for (v1::Prompt& prompt : *(*loaded)->prompts.mutable_prompts()) prompts.push_back(std::move(prompt));
        continue;
      }
      kept = keep(*std::move(loaded));
    }
    for (uint64_t i = index - kept->first; i < kept->size() && prompts.size() < count; ++i) {
      prompts.push_back(kept->prompts.prompts(static_cast<int>(i)));
    }
  }
  return prompts;
}

std::shared_ptr<const PromptCache::Block> PromptCache::find(uint64_t job, uint64_t index) {
  std::lock_guard lock(mutex_);
  auto found =
      std::find_if(blocks_.begin(), blocks_.end(), [&](const auto& block) { return block->holds(job, index); });
  if (found == blocks_.end()) return nullptr;
  blocks_.splice(blocks_.begin(), blocks_, found);
  return blocks_.front();
}

std::shared_ptr<const PromptCache::Block> PromptCache::keep(std::unique_ptr<Block> block) {
  std::lock_guard lock(mutex_);
  blocks_.push_front(std::move(block));
  if (blocks_.size() > kBlocksMax) blocks_.pop_back();
  return blocks_.front();
}

absl::StatusOr<std::unique_ptr<PromptCache::Block>> PromptCache::load(uint64_t job, uint64_t index) const {
  Database::Reader reader = database_.read();
  rocksdb::ReadOptions options;
  std::unique_ptr<rocksdb::Iterator> rows(reader->NewIterator(options, reader.family(Family::kPrompt)));
  rows->SeekForPrev(keys::prompts(job, index));
  if (!rows->status().ok()) return to_status(rows->status());
  if (!rows->Valid()) return nullptr;
  KeyReader key(rows->key());
  auto block = std::make_unique<Block>();
  block->job = key.u64();
  block->first = key.u64();
  if (block->job != job) return nullptr;
  if (!block->prompts.ParseFromArray(rows->value().data(), static_cast<int>(rows->value().size()))) {
    return absl::DataLossError(
        absl::StrCat("the prompts from ", block->first, " on of job number ", job, " cannot be read"));
  }
  if (!block->holds(job, index)) return nullptr;
  return block;
}

}  // namespace harvest::store
