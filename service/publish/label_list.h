#pragma once

#include "harvest/v1/answer.pb.h"

namespace harvest::publish {

/// Into its place among labels that are sorted by rule, instead of one of the same rule.
void put_label(v1::PairLabels& labels, v1::Label label);

}  // namespace harvest::publish
