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

std::string_view method_name(dialect::HttpRequest::Method method) {
  using Method = dialect::HttpRequest::Method;
  if (method == Method::kGet) return "GET";
  return method == Method::kDelete ? "DELETE" : "POST";
}

}  // namespace

std::shared_ptr<const RequestHead> RequestHead::make(const Origin& origin, const dialect::HttpRequest& request,
                                                     const dialect::Credential& credential, int64_t utc_us) {
  const std::string prefix = request.at_root ? "" : origin.path_prefix;
  const std::string target = prefix + (request.path.empty() && prefix.empty() ? "/" : request.path);
  if (!is_target(target)) return nullptr;
  const std::string_view method = method_name(request.method);
  std::shared_ptr<RequestHead> head(new RequestHead(request, credential.signer != nullptr));
  head->text_.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  bool good = head->append("Host", origin.host) && head->append("User-Agent", kUserAgent);
  if (request.headers != nullptr)
    for (const auto& [name, value] : *request.headers) good = good && head->append(name, value);
  const auto& [name, secret] = credential.header;
  if (!name.empty()) good = good && head->append(name, secret);
  if (credential.signer != nullptr)
    for (const auto& [key, value] : credential.signer->sign(method, origin.host, target, request.body, utc_us))
      good = good && head->append(key, value);
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
