#pragma once

#include <string>

#include "tests/teachersim/dialects/dialect.h"

/// How Anthropic words troubles and limits: {"type":"error","error":{type,message,details},"request_id"} and
/// anthropic-ratelimit-* headers.
namespace teachersim {

/// The error envelope, with its request id.
std::string anthropic_error(const Trouble& trouble);

Reply anthropic_reply(const Trouble& trouble);

/// anthropic-ratelimit-{requests,input-tokens,output-tokens,tokens}-{limit,remaining,reset} for the limits that exist;
/// `tokens` is the tightest of those on tokens. Resets are times of day.
std::string anthropic_limit_headers(limits::Limits& limits, const Moment& now);

/// 2026-11-05T07:08:09Z.
std::string rfc3339(std::int64_t utc_s);

}  // namespace teachersim
