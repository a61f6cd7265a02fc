#pragma once

#include <string>

#include "service/flow/why_facts.h"

namespace harvest::flow {

/// What follows where a limit of this teacher held the job: one of the dimensions that limit::name_of names. Empty
/// where nothing does, and of every other cause. Pure.
std::string limit_advice(const std::string& dimension, const v1::TeacherStatus& teacher, const WhyFacts& facts);

}  // namespace harvest::flow
