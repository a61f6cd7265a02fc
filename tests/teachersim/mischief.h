#pragma once

#include <string>

#include "tests/teachersim/faults.h"
#include "tests/teachersim/teacher.h"

/// How each mischief looks on the wire.
namespace teachersim {

Manner manner_of(Mischief kind);

/// The reply of a mischief that is not billed.
Reply mischief_reply(Mischief kind);

/// Puts bytes that are not UTF-8 into the first choice's text, in the body and in the contents alike.
void spoil_text(Answer& answer);

/// Takes the usage member out of a body; bodies without one stay as they are.
void remove_usage(std::string& body);

}  // namespace teachersim
