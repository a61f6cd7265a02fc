#pragma once

#include "service/config/teacher_checks.h"

namespace harvest::config {

/// Caps per UTC day and month, of a teacher or a tenant: amounts, and the month's no less than the day's.
void check_caps(const std::string& usd_per_day, const std::string& usd_per_month, const Complain& complain);

/// What a teacher costs: its prices, their changes, its caps.
void check_money(const v1::Teacher& teacher, const Complain& complain);

}  // namespace harvest::config
