#pragma once

#include <functional>
#include <string>

#include "harvest/v1/teacher.pb.h"
#include "service/config/config.h"

namespace harvest::config {

/// Told of each mistake: the field within the teacher ("limits.window_seconds"; empty: the teacher), and what is wrong.
using Complain = std::function<void(const std::string& field, const std::string& what)>;

/// Everything about one teacher that can be checked without the others.
void check_teacher(const v1::Teacher& teacher, const Known& known, const Complain& complain);

/// A rights record as somebody states it: "rights.licence", "rights.expires_on", …
void check_rights(const v1::Rights& rights, const Complain& complain);

}  // namespace harvest::config
