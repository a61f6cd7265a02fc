#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>

#include "service/transport/header_list.h"
#include "service/transport/response_reader.h"
#include "service/transport/transfer.h"

namespace harvest::transport {

/// A libcurl easy handle that serves one endpoint for its whole life: its options are set once, and a request costs it
/// a body pointer and little more. Carries one transfer at a time.
///
/// What it forbids, and why:
/// - a second send of one request: libcurl silently repeats a POST when a kept-alive connection dies before an answer,
/// which
///   pays twice and escapes the limiter (lib/transfer.c, Curl_retry_request). The pre-request callback aborts the
///   second;
/// - redirects (the key would travel), cookies, netrc, the environment's proxies, protocols other than http and https;
/// - bodies and headers beyond their caps.
///
/// Owned by a shard; its lane's thread only.
class EasyHandle {
 public:
  /// `share`: the lane's DNS and TLS session cache. `on_close_socket` gets `shard` as its client pointer. `connected`
  /// is set whenever a request is about to be written, that is: has a connection.
  EasyHandle(const EndpointOptions& endpoint, CURLSH* share, curl_closesocket_callback on_close_socket, void* shard,
             bool& connected);
  ~EasyHandle();
  EasyHandle(const EasyHandle&) = delete;
  EasyHandle& operator=(const EasyHandle&) = delete;

  static EasyHandle& of(CURL* curl);
  CURL* curl() const { return curl_; }

  void begin(TransferPtr transfer, std::shared_ptr<const HeaderList> headers, std::chrono::nanoseconds now);
  /// The transfer with its exchange filled in.
  TransferPtr end(CURLcode code);
  /// The same for one that we broke off. The handle has been taken out of its multi handle.
  TransferPtr give_up(dialect::WireError error, std::string text);

  bool busy() const { return transfer_ != nullptr; }
  /// Is it still waiting for the first byte, and since when?
  bool silent() const { return busy() && !reader_.started(); }
  std::chrono::nanoseconds begun_at() const { return begun_at_; }

 private:
  void set_options(CURLSH* share, curl_closesocket_callback on_close_socket, void* shard);
  template <typename Value>
  void set(CURLoption option, Value value);
  TransferPtr finish(dialect::WireError error);

  static size_t on_header(char* data, size_t size, size_t count, void* self);
  static size_t on_body(char* data, size_t size, size_t count, void* self);
  static int on_send(void* self, char*, char*, int, int);

  const EndpointOptions& endpoint_;
  CURL* curl_;
  TransferPtr transfer_;
  std::shared_ptr<const HeaderList> headers_;
  std::string path_;
  bool path_set_ = false;
  ResponseReader reader_;
  std::chrono::nanoseconds begun_at_{};
  uint32_t sends_ = 0;
  bool& connected_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

}  // namespace harvest::transport
