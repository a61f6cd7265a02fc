#include "service/transport/easy_handle.h"

#include <cassert>
#include <cstring>
#include <new>

#include "service/transport/redact.h"
#include "service/transport/wire_error.h"

namespace harvest::transport {

using dialect::HttpExchange;
using dialect::WireError;

namespace {

constexpr char kUserAgent[] = "harvestd/" HARVEST_VERSION " (+teacher-query harvesting service)";
/// Small: ten thousand requests in flight hold one each.
constexpr long kReceiveBufferBytes = 4096;
constexpr long kConnectionLifeSeconds = 600;
/// uvicorn, under most servers of one's own, closes an idle connection after 5 s; a request that meets that close may
/// or may not have been taken, and nobody can tell. libcurl compares whole seconds, so 3 means below 4.
constexpr long kConnectionIdleSeconds = 3;

std::string url_of(const std::string& base, const std::string& path) {
  std::string url = base;
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url + path;
}

long milliseconds(std::chrono::seconds seconds) {
  return static_cast<long>(std::chrono::milliseconds(seconds).count());
}

std::chrono::nanoseconds time_info(CURL* curl, CURLINFO info) {
  curl_off_t microseconds = 0;
  if (curl_easy_getinfo(curl, info, &microseconds) != CURLE_OK) return {};
  return std::chrono::microseconds(microseconds);
}

}  // namespace

EasyHandle::EasyHandle(const EndpointOptions& endpoint, CURLSH* share, curl_closesocket_callback on_close_socket,
                       void* shard, bool& connected)
    : endpoint_(endpoint), curl_(curl_easy_init()), connected_(connected) {
  if (curl_ == nullptr) throw std::bad_alloc();
  set_options(share, on_close_socket, shard);
}

EasyHandle::~EasyHandle() {
  curl_easy_cleanup(curl_);
}

EasyHandle& EasyHandle::of(CURL* curl) {
  EasyHandle* handle = nullptr;
  curl_easy_getinfo(curl, CURLINFO_PRIVATE, &handle);
  assert(handle != nullptr);
  return *handle;
}

template <typename Value>
void EasyHandle::set(CURLoption option, Value value) {
  // Invariant: every option below exists in the libcurl that we are built with; what else fails is memory.
  if (curl_easy_setopt(curl_, option, value) != CURLE_OK) throw std::bad_alloc();
}

void EasyHandle::set_options(CURLSH* share, curl_closesocket_callback on_close_socket, void* shard) {
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_SHARE, share);
  set(CURLOPT_ERRORBUFFER, error_text_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_POST, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_USERAGENT, kUserAgent);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, endpoint_.proxy.c_str());
  set(CURLOPT_NOPROXY, endpoint_.proxy.empty() ? "*" : "");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!endpoint_.ca_file.empty()) {
    set(CURLOPT_CAINFO, endpoint_.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(endpoint_.connect_timeout));
  set(CURLOPT_TIMEOUT_MS, milliseconds(endpoint_.total_timeout));
  set(CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
  set(CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
  set(CURLOPT_MAXLIFETIME_CONN, kConnectionLifeSeconds);
  set(CURLOPT_MAXAGE_CONN, kConnectionIdleSeconds);
  set(CURLOPT_HEADERFUNCTION, &EasyHandle::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &EasyHandle::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_PREREQFUNCTION, &EasyHandle::on_send);
  set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  set(CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
  set(CURLOPT_CLOSESOCKETDATA, shard);
}

void EasyHandle::begin(TransferPtr transfer, std::shared_ptr<const HeaderList> headers, std::chrono::nanoseconds now) {
  assert(!busy());
  transfer_ = std::move(transfer);
  begun_at_ = now;
  sends_ = 0;
  error_text_[0] = '\0';
  reader_.begin(transfer_->exchange, endpoint_.body_bytes_max);
  if (!path_set_ || path_ != transfer_->request.path) {
    path_ = transfer_->request.path;
    path_set_ = true;
    set(CURLOPT_URL, url_of(endpoint_.url, path_).c_str());
  }
  if (headers_ != headers) {
    headers_ = std::move(headers);
    set(CURLOPT_HTTPHEADER, headers_->list());
  }
  // The body is not copied: the transfer owns it until the end.
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer_->request.body.size()));
  set(CURLOPT_POSTFIELDS, transfer_->request.body.c_str());
}

TransferPtr EasyHandle::end(CURLcode code) {
  const WireFacts facts{.sent = sends_ > 0, .resend_blocked = sends_ > 1, .too_large = reader_.too_large()};
  HttpExchange& exchange = transfer_->exchange;
  if (code != CURLE_OK) exchange.error_text = error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code);
  if (facts.resend_blocked) exchange.error_text = "the connection died before an answer; not sent again";
  if (facts.too_large) exchange.error_text = "the response is larger than allowed";
  return finish(wire_error(code, facts));
}

TransferPtr EasyHandle::give_up(WireError error, std::string text) {
  transfer_->exchange.error_text = std::move(text);
  return finish(error == WireError::kTimeout && sends_ == 0 ? WireError::kNotConnected : error);
}

TransferPtr EasyHandle::finish(WireError error) {
  HttpExchange& exchange = transfer_->exchange;
  exchange.error = error;
  exchange.sent = sends_ > 0;
  long status = 0;
  if (curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK) exchange.status = static_cast<int>(status);
  exchange.duration = time_info(curl_, CURLINFO_TOTAL_TIME_T);
  exchange.first_byte = time_info(curl_, CURLINFO_STARTTRANSFER_TIME_T);
  if (error != WireError::kNone || exchange.status != 200) redact(exchange, endpoint_.authorization.second);
  return std::move(transfer_);
}

size_t EasyHandle::on_header(char* data, size_t size, size_t count, void* self) {
  return static_cast<EasyHandle*>(self)->reader_.header({data, size * count}) ? size * count : 0;
}

size_t EasyHandle::on_body(char* data, size_t size, size_t count, void* self) {
  EasyHandle& handle = *static_cast<EasyHandle*>(self);
  curl_off_t announced = -1;
  if (handle.transfer_->exchange.body.empty())
    curl_easy_getinfo(handle.curl_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
  return handle.reader_.body({data, size * count}, announced) ? size * count : 0;
}

int EasyHandle::on_send(void* self, char*, char*, int, int) {
  EasyHandle& handle = *static_cast<EasyHandle*>(self);
  handle.connected_ = true;
  return ++handle.sends_ > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

}  // namespace harvest::transport
