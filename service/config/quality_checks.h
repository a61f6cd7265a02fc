#pragma once

#include "harvest/v1/config.pb.h"
#include "service/config/teacher_checks.h"

namespace harvest::config {

/// What is wrong with the benchmarks that answers are compared with: names and files, by themselves. Fields are named
/// from `quality` on.
void check_quality(const v1::QualityOptions& quality, const Complain& complain);

}  // namespace harvest::config
