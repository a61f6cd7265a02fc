#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "harvest/v1/query.pb.h"

/// Who a query is: SHA-256 over versioned, length-framed bytes of what shapes the answer. Two queries of one identity
/// may share one answer. Identity stays inside the store: it is a bare hash of content.
///
/// In: the teacher's model and its revision, every field of every message, tools, tool choice and response format byte
/// for byte (key order kept: it reaches the model), the sampling with its seed and vendor fields, the sample's index.
/// Out: what only bounds or routes: the output cap, service tier, endpoint, account, the teacher's name, job, priority.
///
/// Bytes: "harvest.query/1\n", then fields, each one tag byte, its length as u64 little-endian, its bytes. A field that
/// is not set (an empty text, an absent option) is left out, so that a field added later changes no identity of queries
/// without it. Messages, and the strings of `stop`, begin with a field of their own, so that no two prompts frame
/// alike. Numbers are 8 bytes little-endian; doubles their IEEE bits, minus zero as zero. Tags are never used again.
namespace harvest::corpus {

/// `prompt`: with its job applied; its own sampling is not read. `merged`: as asked, seed + sample (both:
/// query_merge.h).
std::array<uint8_t, 32> query_identity(std::string_view model, std::string_view revision, const v1::Prompt& prompt,
                                       const v1::Sampling& merged, uint32_t sample);

}  // namespace harvest::corpus
