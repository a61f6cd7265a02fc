#pragma once

#include "harvest/v1/config.pb.h"
#include "service/config/config.h"
#include "service/config/teacher_checks.h"

namespace harvest::config {

/// What teachers of one account must agree on: they are one vendor's, and their limits are one set, stated by one of
/// them or alike by several. Fields are named from the configuration's root.
void check_accounts(const v1::Config& config, const Known& known, const Complain& complain);

}  // namespace harvest::config
