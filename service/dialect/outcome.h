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

/// Why a teacher serves us no more.
enum class HaltCause : uint8_t {
  kNone,
  kAccess,   ///< key, account, country, permission: we were cut off, or never let in
  kBilling,  ///< money or a spend limit
  kModel,    ///< the model is not there
  kAddress,  ///< the URL is wrong, or redirects
};

/// The limit that a throttled attempt met. A joint limit of tokens counts as one of input (limit_headers.h).
enum class MetLimit : uint8_t { kUnknown, kRequests, kRequestsPerDay, kInputTokens, kOutputTokens, kConcurrency };

/// One of an answer's choices (`n` of them), as text.
struct Choice {
  v1::Message message;  ///< role assistant; content, reasoning_content, tool_calls_json
  std::string finish_reason;
  bool refused = false;
  bool truncated = false;      ///< ended at the output cap
  std::string logprobs_json;   ///< as the vendor wrote it; of a stream, its pieces joined. Or empty
  v1::SoftLabels soft_labels;  ///< the same, typed; empty where none were sent
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
  /// It was processed at least in part, or nobody knows, whatever `retry` says: see may_be_billed().
  bool may_have_run = false;
  bool overloaded = false;  ///< FAULTED, for too many ask at once (529, 503): nobody's limit, yet asking less helps
  bool slow_down = false;   ///< THROTTLED, for our rate has grown too fast (503 "Slow Down"): back to the former one
  MetLimit met_limit = MetLimit::kUnknown;  ///< THROTTLED: as the vendor's words name it, or figures of nothing left
  HaltCause halt_cause = HaltCause::kNone;
  std::string vendor_code;  ///< e.g. rate_limit_exceeded, http_502
  std::string message;      ///< the vendor's words, at most 500 bytes
  std::optional<std::chrono::nanoseconds> retry_after;
  /// The vendor says that what we do touches its terms (a refusal category that names distillation or competing models;
  /// revoked access): its word for it. The rights gate must hear of it.
  std::string rights_alert;
  std::vector<Choice> choices;  ///< ANSWERED and REFUSED
  v1::Usage usage;
  std::string model_reported, system_fingerprint, request_id;
  std::string served_by;                             ///< behind a reseller: who really served it, as it says; or empty
  std::optional<int64_t> cost_reported_picodollars;  ///< what the vendor itself says that it costs
  std::string service_tier;                          ///< that it was billed under, as the vendor says; empty: not told
  LimitWindow requests, input_tokens, output_tokens;
  /// Of a stream: how far into the body the first token's event reaches; its time of arrival is the time to first
  /// token.
  std::optional<size_t> first_token_end;

  /// Answered, or declined, which is an answer too: it is stored, and was paid for.
  bool has_answer() const { return kind == v1::ANSWERED || kind == v1::REFUSED; }
  /// No answer came, and yet it may have been billed: at risk.
  bool may_be_billed() const { return !has_answer() && (may_have_run || retry == Retry::kAmbiguous); }
  /// The vendor's code and words, for people.
  std::string reason() const { return message.empty() ? vendor_code : vendor_code + ": " + message; }
};

}  // namespace harvest::dialect
