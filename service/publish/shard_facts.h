#pragma once

#include "harvest/v1/answer.pb.h"
#include "harvest/v1/dataset.pb.h"
#include "harvest/v1/teacher.pb.h"

namespace harvest::publish {

/// What a shard says of its rows beside their bytes: whose they are, and what may be done with all of them. Of a shard
/// with this one row.
v1::Shard facts_of(const v1::Pair& pair, const v1::Rights& rights);

/// Of both shards' rows together: purposes that both permit, obligations of either, whatever is attested in either.
void widen(v1::Shard& facts, const v1::Shard& by);

}  // namespace harvest::publish
