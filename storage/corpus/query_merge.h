#pragma once

#include <cstdint>

#include "harvest/v1/job.pb.h"
#include "harvest/v1/query.pb.h"

/// A prompt's line and its job joined into what is asked. One place for the rule, because the request, the query's
/// identity, the commitment and the record must all say the same.
namespace harvest::corpus {

/// Puts the job's system message first unless the prompt has a system (or developer) message of its own, and fills in
/// source, its licence and customer where the line names none.
void apply_job(const v1::Job& job, v1::Prompt& prompt);

/// The line's sampling over the job's, field by field (a list or a text counts as given when it is not empty). A given
/// seed becomes seed + sample.
v1::Sampling merge_sampling(const v1::Sampling& job, const v1::Sampling& line, uint32_t sample);

}  // namespace harvest::corpus
