#pragma once

#include <string>
#include <vector>

#include "harvest/v1/dataset.pb.h"
#include "harvest/v1/job.pb.h"

namespace harvest::publish {

/// Do its pairs go into this dataset? A draft's do not yet.
bool feeds(const v1::JobRecord& job, const std::string& dataset);

/// How much of each job that feeds the dataset has come to an end, as its counters stand: a manifest says it, because
/// answers that come early are short ones of fast teachers. Jobs in the order given; drafts are none. A job is one
/// stratum, whose name is empty: it is not counted by teacher. `watermarks`: of a view in the order of submission.
std::vector<v1::Coverage> coverage_of(const std::vector<v1::JobRecord>& jobs, const std::string& dataset,
                                      const v1::Watermarks* watermarks = nullptr);

}  // namespace harvest::publish
