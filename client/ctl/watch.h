#pragma once

#include <string>

#include "client/ctl/session.h"

namespace harvest::ctl {

/// Shows a job until it has ended, is paused with nothing in flight, or an interrupt (which leaves the job going on).
/// Then names how it ended, its first endings without an answer included. The exit code is the job's
/// (client/cpp/exit_code.h).
int watch(Session& session, const std::string& job_id);

/// The same without the endings' names, and with nothing on standard output: of a job that serves another command.
int watch_quietly(Session& session, const std::string& job_id);

}  // namespace harvest::ctl
