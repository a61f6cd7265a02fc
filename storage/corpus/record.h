#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harvest/v1/answer.pb.h"
#include "harvest/v1/job.pb.h"
#include "harvest/v1/query.pb.h"
#include "harvest/v1/teacher.pb.h"

/// A pair as one line of a shard: every column of columns.h, in that order.
namespace harvest::corpus {

/// What a line is made of. References and views must live as long as the call.
struct RecordFacts {
  uint64_t sequence = 0;         ///< of the pair in its dataset
  std::string_view job_id;       ///< j_ + ULID
  const v1::Prompt& prompt;      ///< with its job applied (query_merge.h), and what was said before its turn
  const v1::Sampling& sampling;  ///< merged, seed + sample
  const v1::Pair& pair;
  const v1::Answer& answer;
  std::string_view raw_sha256;  ///< of answer.raw, with its prefix: choices of one answer share it
  const v1::Message& message;   ///< the decoded choice
  std::string_view finish_reason;
  std::string_view logprobs_json;  ///< verbatim, or empty
  const v1::Rights& rights;        ///< as of the pair's rights version
  double agreement = -1;           ///< share of the prompt's samples that say the same in the end; -1: not known
  uint32_t answer_samples = 1;     ///< pairs that the answer was settled as; they share its cost
  bool truncated = false;          ///< ended at the output cap, as its dialect tells
  const v1::PairLabels* labels = nullptr;  ///< null: none. No part of the commitment: they may change
  std::string_view label_rules = {};       ///< that `labels` were made by; empty: not labelled
};

/// Appends the line, without a newline. Costs little more than copying and hashing the text.
void append_record(std::string& out, const RecordFacts& facts);

/// The licence stamped on the pair, else that of its rights: the `licence_id` of its line and of its shard.
const std::string& licence_of(const v1::Pair& pair, const v1::Rights& rights);

/// The generation parameters as canonical JSON: what is set, under its name in the Sampling message; JSON given by the
/// user (response format, tool choice, vendor fields) stands verbatim. `max_output_tokens` is the cap that was really
/// sent.
std::string params_json(const v1::Prompt& prompt, const v1::Sampling& sampling, uint32_t max_output_tokens);

/// Times from here on have no year of four digits: 10000-01-01.
inline constexpr int64_t kUtcEndUs = 253'402'300'800'000'000;

/// RFC 3339 in UTC, always with six decimals; empty for 0, which means unknown, and for what is no time of the years
/// 1970 to 9999. The decimals keep readers that guess
/// types (Arrow makes a time of whole seconds only) from seeing a time in one chunk and a text in the next.
std::string utc_text(int64_t utc_us);
/// YYYY-MM-DD in UTC.
std::string utc_date(int64_t utc_us);

/// What the `index`-th of `sharers` pays of a whole: the shares differ by one at most and sum up to it.
int64_t share_of(int64_t whole, uint32_t index, uint32_t sharers);

/// Picodollars in whole microdollars, rounded half away from zero.
int64_t microdollars(int64_t picodollars);

}  // namespace harvest::corpus
