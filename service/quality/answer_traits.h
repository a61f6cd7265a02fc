#pragma once

#include <cstdint>
#include <string_view>

#include "harvest/v1/query.pb.h"

namespace harvest::quality {

/// What an answer is like, as far as it wastes money. Several may hold at once: an answer that was cut off while its
/// teacher was still thinking is truncated and empty.
struct AnswerTraits {
  bool refused = false;
  bool truncated = false;  ///< ended at the output cap
  bool empty = false;      ///< neither text nor call; thoughts alone are none
  bool duplicate = false;  ///< same text as another recent one (answer_watch.h); refusals and empty ones are none
  uint64_t text_hash = 0;  ///< text_hash() of all that it says
};

/// The traits that the answer itself tells: all but `duplicate`.
AnswerTraits traits_of(const v1::Message& message, bool refused, bool truncated);

/// 64 bits of a text whose white space counts as single spaces, and not at all at its ends: what vendors change without
/// meaning anything by it. The same in every run and on every machine, so that it may be kept. It is no protection
/// against somebody who looks for two texts with one hash.
uint64_t text_hash(std::string_view text);

}  // namespace harvest::quality
