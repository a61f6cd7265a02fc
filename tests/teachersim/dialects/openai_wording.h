#pragma once

#include <string>
#include <string_view>

#include "tests/teachersim/dialects/dialect.h"

/// How OpenAI words troubles and limits: error bodies {"error":{message,type,param,code}} and x-ratelimit-* headers.
namespace teachersim {

Reply openai_reply(const Trouble& trouble);

/// What gateways in front of OpenAI (it does not do so itself) send with status 200: its code is a number.
inline constexpr std::string_view kGatewayError =
    R"({"error":{"message":"Provider returned error","type":"server_error","param":null,"code":502}})";

/// x-ratelimit-{limit,remaining,reset}-{requests,tokens}, for the limits that exist. `tokens` is the limit on all
/// tokens where there is one, else the one on input tokens, else the one on output tokens.
std::string openai_limit_headers(limits::Limits& limits, limits::Time now);

/// As Go prints durations: 12ms, 1s, 7.66s, 6m0s, 1h30m0s.
std::string openai_duration(limits::Time length);

}  // namespace teachersim
