#pragma once

#include "harvest/v1/control.pb.h"
#include "service/flow/why_facts.h"

namespace harvest::flow {

/// The whole of `why`: what the job waited for, the longest first, with what stands behind each cause
/// (wait_figures.h), and the advice that follows (advice.h). What held the job as a whole has no teacher; shares count
/// it once for each of its teachers, so that they come to 1. Pure.
v1::Explanation explain(const WhyFacts& facts);

}  // namespace harvest::flow
