#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "harvest/v1/query.pb.h"

namespace harvest::client {

/// Which lines of a submission ask the very same as an earlier one: messages, tools and sampling, not what is only kept
/// with the pair. The service pays once for a whole answer to all of them, so that whoever wanted several answers
/// should know, and whoever did not should know too.
///
/// Lines are told apart by a 64-bit hash. Memory is bounded: of a submission of more than kLinesMax different lines the
/// rest is not compared. One owner, one thread.
class RepeatedLines {
 public:
  static constexpr size_t kLinesMax = 7'000'000;  // some 140 MB

  /// Where a line stands.
  struct Line {
    uint32_t file = 0;
    uint32_t number = 0;
  };
  /// Does it repeat an earlier one?
  bool add(const v1::Prompt& prompt, uint32_t file);
  uint64_t count() const { return count_; }

  /// How many, the first, and what becomes of them; empty where there are none. `fresh`: the job asks each of them.
  std::string told(const std::function<std::string(Line)>& name, bool fresh) const;

 private:
  absl::flat_hash_map<uint64_t, Line> seen_;
  uint64_t count_ = 0;
  Line first_, first_of_;  // the first that repeats one, and that one
  bool compared_all_ = true;
  std::string asked_;  // of the line being added; kept for its capacity
};

}  // namespace harvest::client
