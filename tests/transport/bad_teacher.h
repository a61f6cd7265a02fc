#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace harvest::testing {

/// One connection as a script sees it. Blocking; verbs end quietly when the peer has gone.
class Line {
 public:
  Line(int descriptor, SSL* tls) : descriptor_(descriptor), tls_(tls) {}

  /// Head and body of the next request; empty when the peer has closed.
  std::string read_request();
  bool send(std::string_view bytes);
  void wait(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }
  /// Ends the connection by RST: whatever was not read yet is lost to the peer.
  void reset();
  /// Ends the connection. Nothing follows.
  void close();
  bool open() const { return descriptor_ >= 0; }

 private:
  long read_some(char* buffer, size_t size);

  int descriptor_;
  SSL* tls_;
};

/// A teacher that misbehaves by script, on a loopback port of its own:
///
///     BadTeacher teacher;
///     teacher.when("/cut").then([](Line& line) { line.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
///     line.close(); });
///
/// A thread per connection. Connections are kept unless the script closes. `received` counts whole requests.
class BadTeacher {
 public:
  using Script = std::function<void(Line&)>;

  explicit BadTeacher(SSL_CTX* tls = nullptr);
  ~BadTeacher();

  class When {
   public:
    When(BadTeacher& teacher, std::string path) : teacher_(teacher), path_(std::move(path)) {}
    void then(Script script) { teacher_.script(path_, std::move(script)); }
    void answer(std::string response) {
      then([response = std::move(response)](Line& line) { line.send(response); });
    }

   private:
    BadTeacher& teacher_;
    std::string path_;
  };
  /// What to do with requests for this path (without the query).
  When when(std::string path) { return When(*this, std::move(path)); }

  std::string url(const std::string& path = "") const {
    return scheme_ + "://127.0.0.1:" + std::to_string(port_) + path;
  }
  int port() const { return port_; }
  int received(const std::string& path);
  int connections() const { return connections_; }
  std::string last_request();

  static std::string ok(const std::string& body, const std::string& more_headers = "");

 private:
  void script(const std::string& path, Script script);
  void accept_all();
  void serve(int descriptor);

  std::string scheme_;
  SSL_CTX* tls_;
  int listener_ = -1, port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::map<std::string, Script> scripts_;
  std::map<std::string, int> received_;
  std::string last_request_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace harvest::testing
