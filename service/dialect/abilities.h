#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "harvest/v1/query.pb.h"

namespace harvest::dialect {

/// What a dialect can carry of what a query may state. What it cannot is refused at submit, by name, never dropped.
/// Texts and lists live as long as the program.
struct Abilities {
  std::string_view dialect;  ///< as error messages call it

  // ---- sampling ----
  double temperature_max = 2;
  bool top_p = true, top_k = false, seed = false, penalties = false;
  double penalty_max = 2;         ///< either way
  uint32_t stops_max = 4;         ///< 0: no stop texts
  bool logprobs = false;          ///< of the chosen token
  uint32_t top_logprobs_max = 0;  ///< alternatives a position
  uint32_t choices_max = 1;       ///< answers to one request (`n`); 1: each sample is a request of its own
  bool streaming = true;
  /// Values of reasoning_effort; empty: not to be said here. {"*"}: whatever the server makes of it.
  std::span<const std::string_view> efforts;
  bool reasoning_budget = false;
  std::span<const std::string_view> service_tiers;  ///< likewise

  // ---- what is asked ----
  bool tools = true, parallel_tool_calls = false;
  bool json_object = false, json_schema = false;
  bool other_formats = false;   ///< types of response_format that only this server knows go to it as they are
  bool parts_verbatim = false;  ///< content parts go to the server as they are; else text and images only
  bool images = false;
  bool system_anywhere = false;  ///< else system messages come first

  /// Keys of the request's top level that extra_body may not name: the request writes them itself, or they decide what
  /// an answer costs.
  std::span<const std::string_view> own_keys;
};

inline constexpr std::string_view kAnyValue = "*";

/// INVALID_ARGUMENT names the field that cannot be said, and what could be. Every text is UTF-8, every fragment of JSON
/// is of its kind, after this.
absl::Status check_query(const Abilities& abilities, const v1::Prompt& prompt, const v1::Sampling& sampling);

/// A key of the request's top level that is written only when the query states `field`; else extra_body may say it.
struct SharedKey {
  std::string_view key, field;
  bool stated;
};
/// INVALID_ARGUMENT where extra_body names such a key beside its field: JSON would hold it twice.
absl::Status check_said_once(std::span<const SharedKey> keys, const v1::Sampling& sampling);

}  // namespace harvest::dialect
