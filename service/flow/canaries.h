#pragma once

#include <cstdint>
#include <string>

#include "harvest/v1/drift.pb.h"
#include "service/flow/probe.h"

/// Canaries of a teacher: prompts that are asked again and again, to tell when it changes silently. What is asked, and
/// when: pure. quality/canary_panel.h compares what is answered, and harvester_drift.cc makes the calls, each booked as
/// a probe is.
namespace harvest::flow {

/// How a teacher's canaries stand this moment; what is kept of them is in its DriftBook.
struct CanaryRound {
  bool under_way = false;
  bool waits = false;         ///< for room within the account's limits: its next place is left to it
  int64_t not_before_us = 0;  ///< a round that came to nothing is asked again no sooner
};

/// Is it time for the next round?
bool canaries_due(const v1::DriftWatch& watch, const v1::DriftBook& book, const CanaryRound& round, int64_t utc_us);

/// One canary as this teacher is asked it: at temperature 0, where it can be told one.
ProbePlan canary_plan(const dialect::Dialect& dialect, const v1::Teacher& teacher, const std::string& canary);

/// What is compared of an answer to one: its text, and whether it is a refusal.
uint64_t canary_answer(const dialect::Outcome& outcome);

}  // namespace harvest::flow
