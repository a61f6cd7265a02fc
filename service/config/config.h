#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/config.pb.h"

namespace harvest::config {

/// What the checks need to know from the rows above, handed in so that config links none of them.
struct Known {
  struct Dialect {
    std::string name;
    std::vector<std::string> profiles;  ///< names a teacher's `profile` may have; empty: none
    std::vector<std::string> fields;    ///< of `api_version` and `region`, those that it reads
  };
  std::vector<Dialect> dialects;
  /// Why a teacher must state model_owner and model_family; empty: it need not.
  std::function<std::string(const v1::Teacher&)> must_state_line{};
  /// Who serves a teacher, by what it states or by its dialect; none: not known.
  std::function<std::string(const v1::Teacher&)> vendor_of{};
  int64_t utc_us = 0;  ///< now: which tokens have expired; 0: that is no mistake
};

/// Reads, checks and completes the daemon's configuration file.
///
/// INVALID_ARGUMENT holds all mistakes, one a line with file, line and column (proto/text/mistake.h), or says why the
/// file cannot be read. In the result every "0 means" and "empty means" of the protos is filled in, a teacher's
/// `endpoint` is moved to `endpoints`. Relative paths stay relative to the working
/// directory. Nothing is opened, resolved or asked: whether a key is there is resolve_secret's to say.
absl::StatusOr<v1::Config> load(const std::string& path, const Known& known);

/// The same of a text; `name` stands where the file's name would in messages.
absl::StatusOr<v1::Config> parse(std::string_view yaml, const std::string& name, const Known& known);

}  // namespace harvest::config
