#include "tests/teachersim/troubles.h"

#include <chrono>

#include "tests/teachersim/answers/json_text.h"

namespace teachersim {

using Kind = Trouble::Kind;

Trouble wrong_key(bool missing) {
  return {Kind::kUnauthorized,
          401,
          missing ? "You didn't provide an API key."
                  : "Incorrect API key provided. You can find your API key in your account.",
          "",
          {}};
}

Trouble cut_off(int status) {
  return status == 401 ? Trouble{Kind::kUnauthorized, 401, "This API key has been revoked.", "", {}}
                       : Trouble{Kind::kForbidden, status, "Your account has been deactivated.", "", {}};
}

Trouble out_of_credit() {
  return {
      Kind::kOutOfCredit, 429, "You exceeded your current quota, please check your plan and billing details.", "", {}};
}

Trouble no_such_model(std::string_view model) {
  return {Kind::kNotFound,
          404,
          "The model `" + std::string(model) + "` does not exist or you do not have access to it.",
          "model",
          {}};
}

Trouble no_such_path(std::string_view method, std::string_view path) {
  return {Kind::kBadRequest, 404, "Invalid URL (" + std::string(method) + " " + std::string(path) + ")", "", {}};
}

namespace {

Trouble usual_trouble(int status) {
  switch (status) {
    case 401:
      return wrong_key(false);
    case 403:
      return cut_off(403);
    case 404:
      return {Kind::kNotFound, 404, "The model does not exist.", "model", {}};
    case 429:
      return {Kind::kThrottled, 429, "Rate limit reached. Please try again later.", "", {}};
    case 500:
      return {Kind::kServerError, 500, "The server had an error while processing your request.", "", {}};
    case 502:
      return {Kind::kServerError, 502, "Bad gateway.", "", {}};
    case 503:
      return {Kind::kServerError, 503, "The server is currently overloaded with other requests.", "", {}};
    default:
      break;
  }
  const Kind kind = status < 500 ? Kind::kBadRequest : Kind::kServerError;
  return {kind, status, "The stand-in was asked to answer with status " + std::to_string(status) + ".", "", {}};
}

}  // namespace

Trouble trouble_of_status(int status, std::string_view code) {
  Trouble trouble = usual_trouble(status);
  trouble.code = code;
  return trouble;
}

Trouble broken_off(std::string_view request_id, std::string_view code) {
  Trouble trouble{Kind::kServerError, 502, "Provider returned error", "", {}};
  trouble.request_id = request_id;
  trouble.code = code;
  return trouble;
}

Trouble throttled(std::string_view model, const limits::Ask& ask, const limits::Decision& decision,
                  const limits::Plan& plan) {
  using limits::Dimension;
  std::string_view axis = "requests per min (RPM)";
  std::int64_t requested = 1;
  switch (decision.refused_by) {
    case Dimension::kRequests:
      break;
    case Dimension::kInputTokens:
      axis = "input tokens per min (TPM)";
      requested = ask.input_tokens;
      break;
    case Dimension::kOutputTokens:
      axis = "output tokens per min (TPM)";
      requested = ask.output_cap;
      break;
    case Dimension::kTokens:
      axis = "tokens per min (TPM)";
      requested = ask.input_tokens + ask.output_cap;
      break;
    case Dimension::kRequestsPerDay:
      axis = "requests per day (RPD)";
      break;
    case Dimension::kConcurrency:
      axis = "concurrent requests";
      break;
  }
  std::string message = decision.never ? "Request too large for " : "Rate limit reached for ";
  message.append(model).append(" in organization org-sim on ").append(axis).append(": Limit ");
  append_number(message, limits::granted_by(plan, decision.refused_by));
  message += ", Requested ";
  append_number(message, requested);
  if (decision.retry_after > limits::Time::zero()) {
    message += ". Please try again in ";
    append_number(message, std::chrono::ceil<std::chrono::milliseconds>(decision.retry_after).count());
    message += "ms";
  }
  return {Kind::kThrottled, 429, message + ".", "", decision};
}

std::string name_of(const Trouble& trouble) {
  switch (trouble.kind) {
    case Kind::kUnauthorized:
      return "unauthorized";
    case Kind::kForbidden:
      return "forbidden";
    case Kind::kOutOfCredit:
      return "insufficient_quota";
    default:
      return std::to_string(trouble.status);
  }
}

Reply model_list(const std::vector<std::string>& models) {
  Reply reply;
  reply.body = "{\"object\":\"list\",\"data\":[";
  const std::vector<std::string> any = {"sim-teacher"};
  const std::vector<std::string>& listed = models.empty() ? any : models;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    if (i > 0) reply.body += ',';
    reply.body += "{\"id\":";
    append_quoted(reply.body, listed[i]);
    reply.body += ",\"object\":\"model\",\"created\":0,\"owned_by\":\"teachersim\"}";
  }
  reply.body += "]}\n";
  return reply;
}

}  // namespace teachersim
