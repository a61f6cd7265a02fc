#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/control.pb.h"

namespace harvest::client {

/// Where pairs that were made elsewhere stand.
struct PairFiles {
  std::string answers;   ///< an OpenAI Batch output file, or plain lines; gzip and zstd as they are
  std::string requests;  ///< the Batch input file that the output belongs to; empty: `answers` are plain lines
};

/// What stood in them.
struct PairsRead {
  uint64_t pairs = 0;
  uint64_t failed = 0;              ///< lines of the output file with an error in place of an answer
  std::vector<std::string> told{};  ///< the first of these, each with its line
  uint64_t unanswered = 0;          ///< requests of the input file that the output has no line for
};

/// Reads them from end to end and gives every pair to `take`, in the order of `answers`, until it returns an error,
/// which is then what this returns.
///
/// With `requests`, a line of `answers` is one of an OpenAI Batch output: its `custom_id` finds the request, and its
/// `response.body` is kept byte by byte. Else a line is {"messages": […]} whose last message is the assistant's, or
/// {"prompt": …, "completion": …}, with the fields that a prompt line may have beside them.
///
/// Each pair bears `digest` as the file that it came from, and its line. INVALID_ARGUMENT names every line that is
/// wrong, the first twenty; `take` may have seen pairs by then, so read once without it. The requests are held in
/// memory (a Batch input file has at most 200 MB).
absl::StatusOr<PairsRead> read_pairs(const PairFiles& files, const std::string& digest,
                                     const std::function<absl::Status(v1::ImportPairsRequest::Entry)>& take);

/// "sha256:…" of what a file holds, unpacked. INVALID_ARGUMENT for standard input, which cannot be read twice.
absl::StatusOr<std::string> digest_of_file(const std::string& path);

}  // namespace harvest::client
