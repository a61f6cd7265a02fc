#include "service/dialect/batch_request.h"

#include <utility>

#include "service/dialect/url_text.h"

namespace harvest::dialect {
namespace {

SharedHeaders with_accept(const Headers& headers, std::string_view accept) {
  Headers all{{"Accept", std::string(accept)}};
  all.insert(all.end(), headers.begin(), headers.end());
  return shared_headers(std::move(all));
}

}  // namespace

HttpRequest get_request(std::string path, const Headers& headers, std::string_view accept) {
  HttpRequest request;
  request.method = HttpRequest::Method::kGet;
  request.path = std::move(path);
  request.headers = with_accept(headers, accept);
  return request;
}

HttpRequest delete_request(std::string path, const Headers& headers) {
  HttpRequest request = get_request(std::move(path), headers);
  request.method = HttpRequest::Method::kDelete;
  return request;
}

HttpRequest bare_post(std::string path, const Headers& headers) {
  HttpRequest request = get_request(std::move(path), headers);
  request.method = HttpRequest::Method::kPost;
  return request;
}

void append_parameter(std::string& path, std::string_view name, std::string_view value) {
  path += path.find('?') == std::string::npos ? '?' : '&';
  path += name;
  path += '=';
  path += percent_encoded(value);
}

size_t bytes_of(const BatchOrder& order, size_t around) {
  size_t bytes = 0;
  for (const BatchMember& member : order.members)
    bytes += member.custom_id.size() + member.request.body.size() + around;
  return bytes;
}

void append_on_one_line(std::string& out, std::string_view json) {
  const size_t begin = out.size();
  out += json;
  for (const char c : {'\n', '\r'})
    for (size_t at = out.find(c, begin); at != std::string::npos; at = out.find(c, at + 1)) out[at] = ' ';
}

}  // namespace harvest::dialect
