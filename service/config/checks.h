#pragma once

#include "harvest/v1/config.pb.h"
#include "proto/text/yaml_reader.h"
#include "service/config/config.h"

namespace harvest::config {

/// What the schema cannot say: names, addresses, prices, dates. Adds to `reading` a mistake for everything that is
/// wrong, with the line where it stands, and does not stop at the first.
void check(const v1::Config& config, const Known& known, text::YamlReading* reading);

}  // namespace harvest::config
