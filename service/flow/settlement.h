#pragma once

#include "service/dialect/dialect.h"
#include "service/flow/job_spec.h"
#include "service/flow/ready.h"
#include "storage/store/change.h"

namespace harvest::flow {

/// What every answer and pair of this job by this teacher has in common.
store::Stamp make_stamp(const JobSpec& spec, const v1::Teacher& teacher);

/// The pair of one query and one known choice, complete: with its salt, commitment and stamps; `licence` is its
/// teacher's. `answer` is left to the caller.
v1::Pair make_pair(const JobSpec& spec, const Ready& query, const dialect::Choice& choice, uint32_t index,
                   const std::string& teacher, uint64_t rights_version, const std::string& licence,
                   std::string record_id, int64_t utc_us);

/// Can what is left of its turns, or of its samples, be asked behind this answer? Whatever an answer is like, a further
/// sample may be better.
bool may_go_on(const Ready& query, const dialect::Choice& choice);

/// How a conversation goes on behind the answer of its turn: the next turn's row, due at once, or how many turns are
/// not asked any more. Of samples until one is accepted: the next one's row, which waits to be decided.
store::Onward make_onward(const Ready& query, const dialect::Choice& choice, const std::string& record_id,
                          int64_t utc_us);

/// What was paid for, whatever it is an answer to now. Takes the exchange's body. `output_tokens_max`: the cap that was
/// sent, of one answer; what was reserved of the limits may be less.
v1::Answer make_answer(const JobSpec::AskedTeacher& teacher, const v1::Intent& intent, int64_t output_tokens_max,
                       const std::string& endpoint, const dialect::Outcome& outcome, dialect::HttpExchange exchange,
                       int64_t cost_picodollars, int64_t utc_us);

/// What an answered attempt leaves behind, as one change (a Settle), under its teacher's stamp. Takes the exchange's
/// body. Choice i is the answer to the i-th sample, under the i-th record id; samples past the last id wait again, due
/// at once (FALLBACK: for `next_teacher`).
store::Change make_settlement(const JobSpec& spec, const JobSpec::AskedTeacher& teacher, const Ready& query,
                              v1::Intent intent, const std::string& endpoint, const dialect::Outcome& outcome,
                              dialect::HttpExchange exchange, const store::Charge& charge,
                              const std::vector<std::string>& record_ids, const std::string& next_teacher,
                              int64_t utc_us);

/// A query that ends without an answer, by name.
v1::Ending make_ending(const Ready& query, const std::string& teacher, const dialect::Outcome& outcome,
                       uint32_t attempts, int64_t utc_us);

}  // namespace harvest::flow
