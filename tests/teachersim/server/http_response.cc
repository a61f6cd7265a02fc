#include "tests/teachersim/server/http_response.h"

#include <charconv>
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

std::string http_response(const Delivery& delivery, bool keep_alive) {
  const Reply& reply = delivery.reply;
  std::string out;
  out.reserve(256 + reply.headers.size() + reply.body.size());
  out += "HTTP/1.1 ";
  append_number(out, reply.status);
  out.append(" ")
      .append(reason_of(reply.status))
      .append("\r\nserver: teachersim\r\ncontent-type: ")
      .append(reply.content_type);
  if (reply.events.empty()) {
    out += "\r\ncontent-length: ";
    append_number(out, static_cast<std::int64_t>(reply.body.size()));
  } else {
    out += "\r\ntransfer-encoding: chunked";
  }
  if (!delivery.request_id.empty()) {
    out.append("\r\n").append(delivery.id_header).append(": ").append(delivery.request_id);
  }
  out += keep_alive ? "\r\n" : "\r\nconnection: close\r\n";
  out.append(reply.headers).append("\r\n");
  if (reply.events.empty()) out += reply.body;
  return out;
}

void append_chunk(std::string& out, std::string_view bytes) {
  char digits[16];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, bytes.size(), 16);
  out.append(digits, end).append("\r\n").append(bytes).append("\r\n");
}

}  // namespace teachersim
