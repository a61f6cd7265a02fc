#include "tests/teachersim/server/http_request.h"

#include <algorithm>
#include <charconv>

#include "tests/teachersim/dialects/header_text.h"

namespace teachersim {
namespace {

using State = ParsedHttp::State;

bool read_size(std::string_view digits, int base, std::size_t& value) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return error == std::errc() && end == digits.data() + digits.size();
}

/// Takes the text up to the next CRLF off `rest`.
bool take_line(std::string_view& rest, std::string_view& line) {
  const std::size_t end = rest.find("\r\n");
  if (end == std::string_view::npos) return false;
  line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return true;
}

struct Framing {
  std::size_t length = 0;
  bool chunked = false;
};

bool read_request_line(std::string_view line, HttpRequest& request) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first + 1) return false;
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  request.method = line.substr(0, first);
  request.path = line.substr(first + 1, last - first - 1);
  const std::size_t mark = std::min(request.path.find('?'), request.path.size());
  request.query = request.path.substr(std::min(mark + 1, request.path.size()));
  request.path = request.path.substr(0, mark);
  request.keep_alive = version == "HTTP/1.1";
  return true;
}

bool read_header(std::string_view line, HttpRequest& request, Framing& framing) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  switch (name.size()) {  // most headers are told apart by their length alone
    case 7:
      if (same_word(name, "api-key")) request.credential = value;
      break;
    case 6:
      if (same_word(name, "expect")) request.expects_continue = same_word(value, "100-continue");
      break;
    case 10:
      if (same_word(name, "connection")) {
        if (same_word(value, "close")) request.keep_alive = false;
        if (same_word(value, "keep-alive")) request.keep_alive = true;
      }
      break;
    case 13:
      if (same_word(name, "authorization") && value.size() > 7 && same_word(value.substr(0, 7), "bearer ")) {
        request.credential = trimmed(value.substr(7));
      }
      break;
    case 14:
      if (same_word(name, "content-length")) return read_size(value, 10, framing.length);
      break;
    case 17:
      if (same_word(name, "transfer-encoding")) {
        framing.chunked = same_word(value, "chunked");
        return framing.chunked;
      }
      break;
    default:
      break;
  }
  return true;
}

ParsedHttp bad(int status) {
  return {.state = State::kBad, .status = status};
}

ParsedHttp read_chunks(std::string_view buffer, std::size_t head, HttpRequest& request) {
  std::string_view rest = buffer.substr(head);
  std::string_view line;
  while (take_line(rest, line)) {
    std::size_t size = 0;
    if (!read_size(trimmed(line.substr(0, line.find(';'))), 16, size)) return bad(400);
    if (size > kBodyMax || request.unchunked.size() + size > kBodyMax) return bad(413);
    if (size > 0) {
      if (rest.size() < size + 2) break;
      request.unchunked.append(rest.substr(0, size));
      rest.remove_prefix(size + 2);
      continue;
    }
    while (take_line(rest, line)) {  // trailers, then an empty line
      if (!line.empty()) continue;
      request.body = request.unchunked;
      return {.state = State::kComplete, .consumed = buffer.size() - rest.size(), .head_complete = true};
    }
    break;
  }
  request.unchunked.clear();
  return {.state = State::kMore, .needed = buffer.size() + 1, .head_complete = true};
}

}  // namespace

ParsedHttp parse_http(std::string_view buffer, HttpRequest& request) {
  request = {};
  const std::size_t end = buffer.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (buffer.size() > kHeadMax) return bad(431);
    return {.state = State::kMore, .needed = buffer.size() + 1};
  }
  const std::size_t head = end + 4;
  std::string_view rest = buffer.substr(0, end + 2);
  std::string_view line;
  Framing framing;
  if (!take_line(rest, line) || !read_request_line(line, request)) return bad(400);
  request.headers = rest;
  while (take_line(rest, line)) {
    if (!read_header(line, request, framing)) return bad(400);
  }
  if (framing.chunked) return read_chunks(buffer, head, request);
  if (framing.length > kBodyMax) return bad(413);
  const std::size_t total = head + framing.length;
  if (buffer.size() < total) return {.state = State::kMore, .needed = total, .head_complete = true};
  request.body = buffer.substr(head, framing.length);
  return {.state = State::kComplete, .consumed = total, .head_complete = true};
}

}  // namespace teachersim
