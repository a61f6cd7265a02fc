#pragma once

#include <cstdint>

#include "harvest/v1/config.pb.h"
#include "service/config/teacher_checks.h"

namespace harvest::config {

/// Who may come in: tokens (names, hashes, roles, expiry) and what a face needs that listens elsewhere than on
/// loopback: mTLS (gRPC) or TLS (HTTP), and tokens. Files are not opened. Fields are named from the configuration's
/// root.
///
/// utc_us: now. A token that has expired is a mistake: whoever leaves it there takes it for one that works. 0: nobody
/// asks about that.
void check_access(const v1::Config& config, int64_t utc_us, const Complain& complain);

}  // namespace harvest::config
