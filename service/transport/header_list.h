#pragma once

#include <curl/curl.h>

#include <memory>
#include <utility>

#include "service/dialect/http_message.h"

namespace harvest::transport {

/// Request headers as libcurl wants them, built once and shared by all requests that carry the same ones. The only
/// place of the process where a key stands beside a request.
class HeaderList {
 public:
  /// Null when a name is no HTTP token or a value holds a control character (CR and LF would smuggle in a second
  /// header).
  static std::shared_ptr<const HeaderList> make(const dialect::Headers& headers,
                                                const std::pair<std::string, std::string>& authorization);
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  ~HeaderList() { curl_slist_free_all(list_); }

  const dialect::Headers& headers() const { return headers_; }
  curl_slist* list() const { return list_; }

 private:
  explicit HeaderList(const dialect::Headers& headers) : headers_(headers) {}
  bool append(const std::string& name, const std::string& value);

  dialect::Headers headers_;  // without the key
  curl_slist* list_ = nullptr;
};

}  // namespace harvest::transport
