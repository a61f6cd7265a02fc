#pragma once

#include "service/config/teacher_checks.h"

namespace harvest::config {

/// What a teacher costs: its prices, their changes, its cap of a day.
void check_money(const v1::Teacher& teacher, const Complain& complain);

}  // namespace harvest::config
