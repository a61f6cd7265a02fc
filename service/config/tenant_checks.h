#pragma once

#include "harvest/v1/config.pb.h"
#include "service/config/teacher_checks.h"

namespace harvest::config {

/// Names, weights and caps of tenants. Fields are named from the configuration's root.
void check_tenants(const v1::Config& config, const Complain& complain);

}  // namespace harvest::config
