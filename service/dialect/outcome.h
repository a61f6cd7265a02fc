#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "harvest/v1/answer.pb.h"
#include "harvest/v1/query.pb.h"

namespace harvest::dialect {

/// May an attempt that did not answer be made again?
enum class Retry : uint8_t {
  kSafe,       ///< not processed: nothing was billed
  kAmbiguous,  ///< may have been processed and billed
  kPermanent,  ///< would end the same way
};

/// One of an answer's choices (`n` of them), as text.
struct Choice {
  v1::Message message;  ///< role assistant; content, reasoning_content, tool_calls_json
  std::string finish_reason;
  bool refused = false;
  bool truncated = false;     ///< ended at the output cap
  std::string logprobs_json;  ///< verbatim, or empty
};

/// What rate-limit headers say of one dimension.
struct LimitWindow {
  std::optional<int64_t> limit, remaining;
  std::optional<std::chrono::nanoseconds> reset_in;
};

/// What an attempt came to: a value of the closed set, with the vendor's own words beside it.
struct Outcome {
  v1::Outcome kind = v1::FAULTED;
  Retry retry = Retry::kAmbiguous;  ///< for THROTTLED, FAULTED and REJECTED
  std::string vendor_code;          ///< e.g. rate_limit_exceeded, http_502
  std::string message;              ///< the vendor's words, at most 500 bytes
  std::optional<std::chrono::nanoseconds> retry_after;
  std::vector<Choice> choices;  ///< ANSWERED and REFUSED
  v1::Usage usage;
  std::string model_reported, system_fingerprint, request_id;
  LimitWindow requests, input_tokens, output_tokens;
};

}  // namespace harvest::dialect
