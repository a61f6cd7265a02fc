#pragma once

#include <string>
#include <vector>

#include "tests/teachersim/faults.h"
#include "tests/teachersim/teacher.h"

/// How each mischief looks on the wire.
namespace teachersim {

Manner manner_of(Mischief kind);

/// The reply of a mischief that is not billed; that of kErrorIn200 is the dialect's to word.
Reply mischief_reply(Mischief kind);

/// Does a mischief that is not billed begin in the middle of a stream, if there is one?
bool strikes_midway(Mischief kind);

/// What is left of a stream when such a mischief strikes it, which is half; `error_event` ends it for kErrorIn200.
void strike(Mischief kind, std::vector<std::string>& events, const std::string& error_event);

/// What a billed mischief does to an answer: half of it is lost, its usage is missing, or its text is not UTF-8 (in the
/// contents too).
void damage(Mischief kind, Answer& answer);

}  // namespace teachersim
