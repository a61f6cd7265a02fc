#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace harvest::text {

/// Where something stands in a text; both from 1, 0: unknown.
struct Place {
  int line = 0;
  int column = 0;
};

/// One thing that is wrong with a text that a person wrote: where, in which field, what was found, what was expected.
///
/// Readers gather all mistakes and report them at once, so that a person corrects a file in one round. A mistake never
/// holds a secret: readers pass found text through shown().
struct Mistake {
  Place place;
  std::string field;           ///< e.g. teachers[0].limits.window_seconds; empty: the text as a whole
  std::string what;            ///< e.g. found 'abc', expected a whole number
  bool unknown_field = false;  ///< `field` is the mapping that the unknown name stands in: the rest of it was read

  /// "harvest.yaml:12:9: teachers[0].limits.window_seconds: found 'abc', expected a whole number"
  std::string text(const std::string& file) const;
};

/// INVALID_ARGUMENT with all mistakes, one a line, in the order of the file. Needs at least one.
absl::Status to_status(std::vector<Mistake> mistakes, const std::string& file);

/// A found value as it may be shown: quoted, control characters escaped, long ones cut, and what looks like a key or
/// token only described by its length.
std::string shown(const std::string& found);

}  // namespace harvest::text
