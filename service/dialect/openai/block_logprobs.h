#pragma once

#include <string>
#include <string_view>

namespace harvest::dialect {

/// Pieces of the older logprobs block, as a stream brings them, joined: each of its lists goes on with the server's own
/// bytes.
class BlockLogprobs {
 public:
  /// `block`: a JSON object that has passed a strict parser.
  void append(std::string_view block);
  /// The whole block; empty for none.
  std::string json() const;

 private:
  std::string tokens_, token_logprobs_, top_logprobs_, text_offset_;  ///< what stands between the brackets
};

}  // namespace harvest::dialect
