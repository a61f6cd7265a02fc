#pragma once

#include <cstdint>
#include <string>

#include "harvest/v1/answer.pb.h"

namespace harvest::corpus {

/// A pair's labels as its line has them. Empty, and -1: nothing was found, or it was not looked for; `label_rules` of
/// the line tells the two apart.
struct LabelColumns {
  std::string lang;
  std::string pii_flags;         ///< email, prompt:email
  std::string decontam_flags;    ///< benchmarks
  std::string near_dup_cluster;  ///< the record that it is nearly the same as
  int64_t schema_valid = -1;
  /// Ids of the rules that hold, those brought in as `rule=value` where they have a value; the language is none.
  std::string labels;
};

/// Sets are sorted and joined by `|`.
LabelColumns label_columns(const v1::PairLabels& labels);

}  // namespace harvest::corpus
