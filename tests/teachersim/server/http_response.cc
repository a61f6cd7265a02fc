#include "tests/teachersim/server/http_response.h"

#include <string_view>

#include "tests/teachersim/answers/json_text.h"

namespace teachersim {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

}  // namespace

std::string http_response(const Reply& reply, const std::string& request_id, bool keep_alive) {
  std::string out;
  out.reserve(256 + reply.headers.size() + reply.body.size());
  out += "HTTP/1.1 ";
  append_number(out, reply.status);
  out.append(" ").append(reason_of(reply.status)).append("\r\ncontent-type: ").append(reply.content_type);
  out += "\r\ncontent-length: ";
  append_number(out, static_cast<std::int64_t>(reply.body.size()));
  if (!request_id.empty()) out.append("\r\nx-request-id: ").append(request_id);
  out += keep_alive ? "\r\n" : "\r\nconnection: close\r\n";
  out.append(reply.headers).append("\r\n").append(reply.body);
  return out;
}

}  // namespace teachersim
