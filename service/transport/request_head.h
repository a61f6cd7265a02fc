#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "service/dialect/credential.h"
#include "service/dialect/http_message.h"
#include "service/transport/origin.h"

namespace harvest::transport {

/// A request's head as it goes over the wire, made once and shared by all requests to the same path with the same
/// headers. The only place of the process where a key stands beside a request.
class RequestHead {
 public:
  /// Null when a name is no HTTP token, or a value or the path holds a character that could smuggle in a second header.
  /// `utc_us`: now, for credentials that sign.
  static std::shared_ptr<const RequestHead> make(const Origin& origin, const dialect::HttpRequest& request,
                                                 const dialect::Credential& credential, int64_t utc_us);

  /// Is it that request's too? Of the same method and path, with the very headers that this was made with, and not
  /// signed for one body.
  bool serves(const dialect::HttpRequest& request) const {
    return !signed_ && request.method == method_ && request.path == path_ && request.at_root == at_root_ &&
           request.headers == headers_;
  }
  /// Head and body, ready to be sent.
  std::string with_body(std::string_view body) const;

 private:
  RequestHead(const dialect::HttpRequest& request, bool is_signed)
      : method_(request.method),
        path_(request.path),
        at_root_(request.at_root),
        headers_(request.headers),
        signed_(is_signed) {}
  bool append(std::string_view name, std::string_view value);

  dialect::HttpRequest::Method method_;
  std::string path_;
  bool at_root_;
  dialect::SharedHeaders headers_;  // without the key
  bool signed_;
  std::string text_;  // ends behind "Content-Length: "
};

}  // namespace harvest::transport
