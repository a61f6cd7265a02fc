#include "service/transport/response_reader.h"

#include <algorithm>

namespace harvest::transport {
namespace {

/// An announced length is believed up to here; beyond it the body grows as it comes.
constexpr int64_t kReserveMax = 1 << 20;
/// Room behind the body that the parser wants, so that it need not move it.
constexpr int64_t kPadding = 64;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

void ResponseReader::begin(dialect::HttpExchange& exchange, int64_t body_bytes_max) {
  *this = ResponseReader();
  exchange_ = &exchange;
  body_bytes_max_ = body_bytes_max;
}

bool ResponseReader::header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kHeaderBytesMax) return refuse();
  if (line.starts_with("HTTP/")) {
    exchange_->headers.clear();
    exchange_->headers.reserve(16);
    return true;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return true;  // the blank line, or a folded one
  if (exchange_->headers.size() >= kHeadersMax) return refuse();
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), lower);
  exchange_->headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return true;
}

bool ResponseReader::body(std::string_view bytes, int64_t expected_bytes) {
  std::string& body = exchange_->body;
  if (static_cast<int64_t>(body.size() + bytes.size()) > body_bytes_max_) return refuse();
  if (body.empty() && expected_bytes > 0)
    body.reserve(static_cast<size_t>(std::min({expected_bytes, body_bytes_max_, kReserveMax}) + kPadding));
  body.append(bytes);
  return true;
}

}  // namespace harvest::transport
