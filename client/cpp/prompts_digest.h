#pragma once

#include <string>

#include "harvest/v1/query.pb.h"
#include "storage/corpus/digest.h"

namespace harvest::client {

/// SHA-256 over what prompts ask, in order: by it the service finds the plan that was made for them when they are
/// submitted. Names of files, line numbers and what is only kept beside a prompt are no part of it. One owner, one
/// thread.
class PromptsDigest {
 public:
  void add(const v1::Prompt& prompt);
  /// 64 hex digits; once.
  std::string finish();

 private:
  corpus::Sha256 hash_;
  std::string asked_;  // of the prompt being added; kept for its capacity
};

}  // namespace harvest::client
