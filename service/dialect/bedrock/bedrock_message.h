#pragma once

#include <simdjson.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "service/dialect/outcome.h"

namespace harvest::dialect {

/// One message of the assistant while it is read, whole or in pieces.
///
/// - Texts are joined; thoughts are reasoning_content, a blank line between them; toolUse blocks are tool calls. Blocks
///   of other kinds say nothing to us (redacted thoughts are sealed; nobody asked for tools that run on AWS's side) and
///   stay in the raw bytes;
/// - finish reason: stopReason as AWS names it. At the output cap and at the end of the context window the answer is
///   truncated; where a guardrail or filter stepped in, it is refused; malformed output or calls are no answer;
/// - usage: see bedrock_usage().
class BedrockMessage {
 public:
  /// A block of a whole message. `input_json`: a tool's input as the server wrote it, or empty.
  void add_block(int64_t index, const simdjson::dom::object& block, std::string_view input_json);
  /// Of a stream: the beginning of a block, which tells only of calls. True where it is one.
  bool begin_block(int64_t index, const simdjson::dom::object& start);
  /// Of a stream: a piece of a block. True where it holds something of the answer.
  bool append(int64_t index, const simdjson::dom::object& delta);
  void set_stop_reason(std::string_view reason);
  /// What stands beside a whole message, and in a stream's last event: usage, and which model a router chose.
  void read_metadata(const simdjson::dom::object& metadata);

  Outcome finish();

 private:
  struct Block {
    std::string text, thought;
    bool is_call = false;
    std::string id, name, input;
  };

  std::map<int64_t, Block> blocks_;
  v1::Usage usage_;
  std::string stop_reason_, model_;
};

/// The vendor's inputTokens leave out what was read from its cache and written to it; ours are the sum. Not reported
/// where input or output is missing.
v1::Usage bedrock_usage(const simdjson::dom::object& usage);

}  // namespace harvest::dialect
