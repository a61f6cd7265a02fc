#include "service/transport/origin.h"

#include <curl/curl.h>

#include <memory>

namespace harvest::transport {
namespace {

class Url {
 public:
  explicit Url(const std::string& text) : url_(curl_url(), &curl_url_cleanup) {
    valid_ = url_ != nullptr && curl_url_set(url_.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) == CURLUE_OK;
  }
  bool valid() const { return valid_; }
  std::string part(CURLUPart part) const {
    char* text = nullptr;
    if (curl_url_get(url_.get(), part, &text, CURLU_NO_DEFAULT_PORT) != CURLUE_OK) return {};
    const std::unique_ptr<char, decltype(&curl_free)> freed(text, &curl_free);
    return text;
  }

 private:
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url_;
  bool valid_ = false;
};

}  // namespace

std::optional<Origin> Origin::of(const std::string& url) {
  const Url parsed(url);
  if (!parsed.valid()) return std::nullopt;
  const std::string scheme = parsed.part(CURLUPART_SCHEME), port = parsed.part(CURLUPART_PORT);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  if (!parsed.part(CURLUPART_QUERY).empty() || !parsed.part(CURLUPART_FRAGMENT).empty()) return std::nullopt;
  Origin origin;
  origin.host = parsed.part(CURLUPART_HOST) + (port.empty() ? "" : ":" + port);
  origin.url = scheme + "://" + origin.host + "/";
  origin.path_prefix = parsed.part(CURLUPART_PATH);
  while (origin.path_prefix.ends_with('/')) origin.path_prefix.pop_back();
  origin.tls = scheme == "https";
  return origin;
}

}  // namespace harvest::transport
