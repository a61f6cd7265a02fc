#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace harvest::client {

/// An HTTP server on loopback with one file, entity tag and ranges, which can be told to misbehave. One request a
/// connection.
class FakeWeb {
 public:
  FakeWeb(std::string content, std::string etag);
  ~FakeWeb();
  std::string url() const;

  std::atomic<size_t> cut_after{SIZE_MAX};  ///< body bytes after which the next connection breaks, once
  std::atomic<int> status{0};               ///< not 0: answer this
  std::vector<std::string> requests() const { return requests_; }  ///< read when no fetch is under way

 private:
  void serve();
  void answer(int connection);

  std::string content_;
  std::string etag_;
  int listener_ = -1;
  int port_ = 0;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace harvest::client
