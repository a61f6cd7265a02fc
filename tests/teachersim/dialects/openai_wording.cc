#include "tests/teachersim/dialects/openai_wording.h"

#include <algorithm>

#include "tests/teachersim/answers/json_text.h"

namespace teachersim {
namespace {

using limits::Dimension;

void append_line(std::string& headers, std::string_view name, std::string_view value) {
  headers.append(name).append(": ").append(value).append("\r\n");
}

void append_openai_standing(std::string& headers, std::string_view what, const limits::Standing& standing) {
  headers.append("x-ratelimit-limit-").append(what).append(": ");
  append_number(headers, standing.limit);
  headers.append("\r\nx-ratelimit-remaining-").append(what).append(": ");
  append_number(headers, standing.remaining);
  headers.append("\r\nx-ratelimit-reset-").append(what).append(": ");
  headers.append(openai_duration(standing.reset_in)).append("\r\n");
}

std::string_view openai_type(const Trouble& trouble) {
  if (trouble.code == "insufficient_quota") return trouble.code;
  switch (trouble.kind) {
    case Trouble::Kind::kBadRequest:
    case Trouble::Kind::kUnauthorized:
    case Trouble::Kind::kForbidden:
    case Trouble::Kind::kNotFound:
      return "invalid_request_error";
    case Trouble::Kind::kOutOfCredit:
      return "insufficient_quota";
    case Trouble::Kind::kThrottled: {
      const Dimension by = trouble.decision.refused_by;
      const bool tokens = by == Dimension::kTokens || by == Dimension::kInputTokens || by == Dimension::kOutputTokens;
      return tokens ? "tokens" : "requests";
    }
    case Trouble::Kind::kServerError:
      break;
  }
  return "server_error";
}

std::string_view code_of(const Trouble& trouble) {
  if (!trouble.code.empty()) return trouble.code;
  switch (trouble.kind) {
    case Trouble::Kind::kUnauthorized:
      return "invalid_api_key";
    case Trouble::Kind::kForbidden:
      return "account_deactivated";
    case Trouble::Kind::kNotFound:
      return "model_not_found";
    case Trouble::Kind::kOutOfCredit:
      return "insufficient_quota";
    case Trouble::Kind::kThrottled:
      return "rate_limit_exceeded";
    case Trouble::Kind::kBadRequest:
    case Trouble::Kind::kServerError:
      break;
  }
  return {};
}

}  // namespace

Reply openai_reply(const Trouble& trouble) {
  Reply reply{.status = trouble.status};
  reply.body = "{\"error\":{\"message\":";
  append_quoted(reply.body, trouble.message);
  reply.body += ",\"type\":";
  append_quoted(reply.body, openai_type(trouble));
  for (const auto& [name, value] : {std::pair<std::string_view, std::string_view>{"param", trouble.param},
                                    std::pair<std::string_view, std::string_view>{"code", code_of(trouble)}}) {
    reply.body.append(",\"").append(name).append("\":");
    if (value.empty()) {
      reply.body += "null";
    } else {
      append_quoted(reply.body, value);
    }
  }
  reply.body += "}}\n";

  const limits::Time wait = trouble.decision.retry_after;
  if (trouble.kind == Trouble::Kind::kThrottled && wait > limits::Time::zero()) {
    append_line(reply.headers, "retry-after", std::to_string(limits::rounded_up(wait, std::chrono::seconds(1))));
    append_line(reply.headers, "retry-after-ms",
                std::to_string(limits::rounded_up(wait, std::chrono::milliseconds(1))));
  }
  return reply;
}

std::string openai_limit_headers(limits::Limits& limits, limits::Time now) {
  std::string headers;
  const limits::Standing requests = limits.standing(Dimension::kRequests, now);
  if (requests.limit > 0) append_openai_standing(headers, "requests", requests);
  for (const Dimension dimension : {Dimension::kTokens, Dimension::kInputTokens, Dimension::kOutputTokens}) {
    const limits::Standing tokens = limits.standing(dimension, now);
    if (tokens.limit == 0) continue;
    append_openai_standing(headers, "tokens", tokens);
    break;
  }
  return headers;
}

std::string openai_duration(limits::Time length) {
  std::int64_t ms = limits::rounded_up(std::max(length, limits::Time::zero()), std::chrono::milliseconds(1));
  std::string text;
  if (ms > 0 && ms < 1000) {
    append_number(text, ms);
    return text + "ms";
  }
  const std::int64_t hours = ms / 3'600'000;
  const std::int64_t minutes = ms / 60'000 % 60;
  if (hours > 0) text += std::to_string(hours) + "h";
  if (hours > 0 || minutes > 0) text += std::to_string(minutes) + "m";
  append_number(text, ms / 1000 % 60);
  if (ms % 1000 != 0) {
    std::string fraction = std::to_string(1000 + ms % 1000);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    fraction[0] = '.';
    text += fraction;
  }
  return text + "s";
}

}  // namespace teachersim
