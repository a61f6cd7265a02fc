#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "service/dialect/http_message.h"
#include "service/transport/origin.h"

namespace harvest::transport {

/// A request's head as it goes over the wire, made once and shared by all requests to the same path with the same
/// headers. The only place of the process where a key stands beside a request.
class RequestHead {
 public:
  /// Null when a name is no HTTP token, or a value or the path holds a character that could smuggle in a second header.
  static std::shared_ptr<const RequestHead> make(const Origin& origin, const std::string& path,
                                                 const dialect::SharedHeaders& headers,
                                                 const std::pair<std::string, std::string>& authorization);

  /// Of the same path, with the very headers that this was made with.
  bool serves(const dialect::HttpRequest& request) const {
    return request.path == path_ && request.headers == headers_;
  }
  /// Head and body, ready to be sent.
  std::string with_body(std::string_view body) const;

 private:
  RequestHead(const std::string& path, const dialect::SharedHeaders& headers) : path_(path), headers_(headers) {}
  bool append(std::string_view name, std::string_view value);

  std::string path_;
  dialect::SharedHeaders headers_;  // without the key
  std::string text_;                // ends behind "Content-Length: "
};

}  // namespace harvest::transport
