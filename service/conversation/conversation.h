#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "absl/status/status.h"
#include "harvest/v1/query.pb.h"
#include "service/dialect/outcome.h"
#include "storage/store/store.h"

namespace harvest::conversation {

using RecordIds = google::protobuf::RepeatedPtrField<std::string>;

/// Makes of a conversation's first turn its next one: behind the messages of `prompt` come the answer of each of
/// `turns` (the records of the turns so far, the first one first) and the question after it. What stays in
/// `later_turns` is not asked yet. The answers are read from the store and decoded: blocking, off the lanes. NOT_FOUND
/// or DATA_LOSS names the record that cannot be read, and `prompt` is then of no use.
absl::Status take_up(const store::Store& store, const RecordIds& turns, v1::Prompt& prompt);

/// The records of the turns before it: a pair names what its prompt was made from as well, in front of them.
RecordIds turns_before(const v1::Pair& pair);

/// The records that its prompt was made from: those in front of the turns.
RecordIds made_from(const v1::Pair& pair);

/// Pairs made from pairs made from pairs: so far back rights are looked at. Licences travel without an end.
inline constexpr int kGenerationsMax = 16;

/// Can the next turn be asked behind this answer? It must be whole, say something, and wait for no tool. Pure.
bool may_go_on_behind(const dialect::Choice& choice);

}  // namespace harvest::conversation
