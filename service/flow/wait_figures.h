#pragma once

#include <string>

#include "service/flow/why_facts.h"

namespace harvest::flow {

/// What stands behind a cause that a job waited for, in figures and words of now. `teacher`: null for what held the job
/// as a whole, and for one that is configured no more. Empty where the word says it all. Pure.
std::string figures_of(const std::string& cause, const v1::TeacherStatus* teacher, const WhyFacts& facts);

}  // namespace harvest::flow
