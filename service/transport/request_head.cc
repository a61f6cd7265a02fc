#include "service/transport/request_head.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace harvest::transport {
namespace {

constexpr char kUserAgent[] = "harvestd/" HARVEST_VERSION " (+teacher-query harvesting service)";

/// RFC 9110, 5.6.2.
bool is_token(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

bool is_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

/// Printable and without a blank: what a request line can carry.
bool is_target(std::string_view target) {
  return target.starts_with('/') &&
         std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

std::shared_ptr<const RequestHead> RequestHead::make(const Origin& origin, const std::string& path,
                                                     const dialect::SharedHeaders& headers,
                                                     const std::pair<std::string, std::string>& authorization) {
  const std::string target = origin.path_prefix + (path.empty() && origin.path_prefix.empty() ? "/" : path);
  if (!is_target(target)) return nullptr;
  std::shared_ptr<RequestHead> head(new RequestHead(path, headers));
  head->text_ = "POST " + target + " HTTP/1.1\r\n";
  bool good = head->append("Host", origin.host) && head->append("User-Agent", kUserAgent);
  if (headers != nullptr)
    for (const auto& [name, value] : *headers) good = good && head->append(name, value);
  if (!authorization.first.empty()) good = good && head->append(authorization.first, authorization.second);
  // The answer is stored byte for byte, so it is asked for uncoded.
  good = good && head->append("Accept-Encoding", "identity");
  if (!good) return nullptr;
  head->text_ += "Content-Length: ";
  return head;
}

bool RequestHead::append(std::string_view name, std::string_view value) {
  if (!is_token(name) || !is_value(value)) return false;
  text_.append(name).append(": ").append(value).append("\r\n");
  return true;
}

std::string RequestHead::with_body(std::string_view body) const {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), body.size()).ptr;
  std::string wire;
  wire.reserve(text_.size() + digits.size() + body.size());
  wire.append(text_).append(digits.begin(), end).append("\r\n\r\n").append(body);
  return wire;
}

}  // namespace harvest::transport
