#include "client/cpp/submission_id.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cpp/byte_source.h"
#include "client/cpp/dataset_lines.h"
#include "storage/corpus/digest.h"

namespace harvest::client {
namespace {

constexpr size_t kPromptBlockBytes = 1 << 20;
constexpr size_t kRandomBytes = 16;

}  // namespace

absl::StatusOr<std::string> new_submission_id() {
  const auto random = corpus::random_bytes(kRandomBytes);
  if (!random.ok()) {
    return random.status();
  }
  return absl::StrCat("new-", corpus::hex({reinterpret_cast<const uint8_t*>(random->data()), random->size()}));
}

absl::StatusOr<std::string> lasting_submission_id(const v1::Job& job) {
  if (std::count(job.prompts().begin(), job.prompts().end(), "-") > 0) {
    return new_submission_id();
  }
  v1::Job asked = job;
  asked.clear_prompts();
  asked.clear_max_cost_usd();
  asked.clear_deadline();
  asked.clear_priority();
  asked.clear_weight();
  asked.clear_concurrency();
  asked.clear_shares();
  asked.clear_name();
  asked.clear_on_bad_line();
  corpus::Sha256 hash;
  // A message without maps has one serialization in one version of the program; a new field only makes another job.
  hash.add(asked.SerializeAsString());
  std::vector<char> block(kPromptBlockBytes);
  for (const std::string& path : job.prompts()) {
    if (DatasetPrompts::parse(path)) {
      hash.add(path);  // what it holds grows: the same words are the same submission
      continue;
    }
    auto bytes = ByteSource::open(path);
    if (!bytes.ok()) {
      return bytes.status();
    }
    corpus::Sha256 file;
    for (;;) {
      const auto got = (*bytes)->read(block.data(), block.size());
      if (!got.ok()) {
        return got.status();
      }
      if (*got == 0) {
        break;
      }
      file.add({block.data(), *got});
    }
    const corpus::Digest digest = file.finish();
    hash.add({reinterpret_cast<const char*>(digest.data()), digest.size()});
  }
  return absl::StrCat("run-", corpus::hex(hash.finish()));
}

}  // namespace harvest::client
