#pragma once

#include <simdjson.h>

#include <map>
#include <optional>
#include <string>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// Token counts as the vendor sends them, perhaps in parts: what comes later goes before what came earlier.
class AnthropicUsage {
 public:
  void read(const simdjson::dom::object& usage);
  /// Of a message that begins: all but its output, which is to come.
  void read_input(const simdjson::dom::object& usage);
  /// The vendor's input_tokens are the uncached ones only; ours are the sum with what was read from its cache and
  /// written to it. Not reported where input or output is missing.
  v1::Usage total() const;
  /// standard, priority or batch; empty: not told.
  const std::string& service_tier() const { return tier_; }

 private:
  using Count = std::optional<uint64_t>;
  Count input_, cache_read_, cache_written_, written_short_, written_long_, output_, thinking_;
  std::string tier_;
};

/// One message of the assistant while it is read, whole or in pieces.
///
/// - Texts are joined; thoughts are reasoning_content, a blank line between them; tool_use blocks are tool calls.
/// Blocks
///   of other kinds say nothing to us (redacted_thinking is sealed; nobody asked for the vendor's own tools) and stay
///   in the raw bytes;
/// - finish reason: stop_reason as the vendor names it. At the output cap, at the end of the context window and at a
///   pause the answer is truncated;
/// - a refusal's category is the outcome's code, and raises the rights alert where it says what we may not do.
class AnthropicMessage {
 public:
  /// A block of a whole message, or the beginning of one that comes in pieces. `input_json`: a tool's input as the
  /// server wrote it; empty: to come in pieces, or {}.
  void begin_block(int64_t index, const simdjson::dom::object& block, std::string_view input_json);
  /// True where it holds something of the answer.
  bool append(int64_t index, const simdjson::dom::object& delta);
  /// id and model.
  void read_head(const simdjson::dom::object& message);
  /// stop_reason and stop_details: of a message, or of a stream's message_delta.
  void read_end(const simdjson::dom::object& ending);
  AnthropicUsage& usage() { return usage_; }

  Outcome finish();

 private:
  enum class Kind : uint8_t { kOther, kText, kThinking, kToolUse };
  struct Block {
    Kind kind = Kind::kOther;
    std::string text;         ///< or thought
    std::string id, name;     ///< of a call
    std::string input;        ///< in pieces
    std::string whole_input;  ///< where it came with the block
  };

  std::map<int64_t, Block> blocks_;
  AnthropicUsage usage_;
  std::string id_, model_, stop_reason_, category_, explanation_;
};

}  // namespace harvest::dialect
