#pragma once

#include "service/config/teacher_checks.h"

namespace harvest::config {

/// How a teacher is watched for silent changes: canaries that are texts and few, rounds that are neither wild nor
/// useless. Fields are named from the watch.
void check_drift(const v1::DriftWatch& watch, const Complain& complain);

}  // namespace harvest::config
