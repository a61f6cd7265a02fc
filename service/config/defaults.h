#pragma once

#include "harvest/v1/config.pb.h"

namespace harvest::config {

/// Puts in what the protos name as the meaning of 0 or empty, so that nobody else needs to know it.
void fill_defaults(v1::Config* config);

/// Of one teacher alone: for teachers that come by another way than the file.
void fill_defaults(v1::Teacher* teacher);

}  // namespace harvest::config
