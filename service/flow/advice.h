#pragma once

#include <string>
#include <vector>

#include "harvest/v1/control.pb.h"
#include "service/flow/why_facts.h"

namespace harvest::flow {

/// What would make the job faster, or let it go on: a sentence for each cause that took a tenth of its waits or holds
/// it now, where something follows from it; each names its figures and what to do. Pure.
///
/// No advice is a way round a limit: a vendor's limit is raised by the vendor, and another teacher is one that somebody
/// is entitled to. Nothing is said of tokens while no answer has told how many they are.
std::vector<std::string> advice(const v1::Explanation& explanation, const WhyFacts& facts);

}  // namespace harvest::flow
