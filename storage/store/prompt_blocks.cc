#include "storage/store/prompt_blocks.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "harvest/v1/query.pb.h"

namespace harvest::store {
namespace {

// A block is read and parsed whole for any of its prompts, and compressed as one: zstd gains little past this size.
constexpr size_t kBytesMax = 64 << 10;
constexpr uint64_t kPromptsMax = 256;

using google::protobuf::internal::WireFormatLite;
constexpr uint32_t kPromptTag =
    WireFormatLite::MakeTag(v1::PromptBlock::kPromptsFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);

}  // namespace

absl::Status cut_prompt_block(std::string_view block, uint64_t count, uint64_t skip,
                              absl::FunctionRef<void(uint64_t, uint64_t, std::string_view)> each) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(block.data()),
                                               static_cast<int>(block.size()));
  uint64_t seen = 0;
  uint64_t first = skip;  // of the block being gathered
  size_t start = 0;
  while (static_cast<size_t>(input.CurrentPosition()) < block.size()) {
    const size_t entry = static_cast<size_t>(input.CurrentPosition());
    if (seen == skip) start = entry;
    if (seen > first && (entry - start >= kBytesMax || seen - first >= kPromptsMax)) {
      each(first, seen - first, block.substr(start, entry - start));
      first = seen;
      start = entry;
    }
    uint32_t length = 0;
    if (input.ReadTag() != kPromptTag || !input.ReadVarint32(&length) || !input.Skip(static_cast<int>(length))) {
      return absl::InvalidArgumentError("the chunk of prompts is not a PromptBlock");
    }
    ++seen;
  }
  if (seen != count) {
    return absl::InvalidArgumentError(absl::StrCat("the chunk holds ", seen, " prompts, not ", count, " as it says"));
  }
  if (seen > first) each(first, seen - first, block.substr(start));
  return absl::OkStatus();
}

}  // namespace harvest::store
