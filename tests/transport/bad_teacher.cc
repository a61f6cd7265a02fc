#include "tests/transport/bad_teacher.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace harvest::testing {

long Line::read_some(char* buffer, size_t size) {
  if (tls_ != nullptr) return SSL_read(tls_, buffer, static_cast<int>(size));
  return ::recv(descriptor_, buffer, size, 0);
}

std::string Line::read_request() {
  std::string request;
  size_t wanted = std::string::npos;
  char buffer[16384];
  while (open() && request.size() < wanted) {
    const long count = read_some(buffer, sizeof buffer);
    if (count <= 0) return {};
    request.append(buffer, static_cast<size_t>(count));
    const size_t head = request.find("\r\n\r\n");
    if (wanted != std::string::npos || head == std::string::npos) continue;
    const size_t length = request.find("Content-Length: ");
    wanted = head + 4 + (length < head ? std::stoul(request.substr(length + 16)) : 0);
  }
  return request;
}

bool Line::send(std::string_view bytes) {
  while (open() && !bytes.empty()) {
    const long sent = tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                      : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return open();
}

void Line::reset() {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close();
}

void Line::close() {
  descriptor_ = -1;
}

BadTeacher::BadTeacher(SSL_CTX* tls) : scheme_(tls != nullptr ? "https" : "http"), tls_(tls) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 1024) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("the bad teacher finds no port");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

BadTeacher::~BadTeacher() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    std::lock_guard lock(mutex_);
    for (const int descriptor : open_) ::shutdown(descriptor, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

int BadTeacher::received(const std::string& path) {
  std::lock_guard lock(mutex_);
  return received_[path];
}

std::string BadTeacher::last_request() {
  std::lock_guard lock(mutex_);
  return last_request_;
}

std::string BadTeacher::ok(const std::string& body, const std::string& more_headers) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + more_headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void BadTeacher::script(const std::string& path, Script script) {
  std::lock_guard lock(mutex_);
  scripts_[path] = std::move(script);
}

void BadTeacher::accept_all() {
  while (!stopping_) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) continue;
    ++connections_;
    std::lock_guard lock(mutex_);
    open_.push_back(descriptor);
    threads_.emplace_back([this, descriptor] { serve(descriptor); });
  }
}

void BadTeacher::serve(int descriptor) {
  sigset_t signals;  // a client that goes away mid-handshake is part of the play
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  SSL* tls = nullptr;
  bool ready = true;
  if (tls_ != nullptr) {
    tls = SSL_new(tls_);
    SSL_set_fd(tls, descriptor);
    ready = SSL_accept(tls) == 1;
  }
  Line line(descriptor, tls);
  while (ready && line.open() && !stopping_) {
    const std::string request = line.read_request();
    if (request.empty()) break;
    const size_t space = request.find(' ');
    const std::string path = request.substr(space + 1, request.find_first_of(" ?", space + 1) - space - 1);
    Script script;
    {
      std::lock_guard lock(mutex_);
      ++received_[path];
      last_request_ = request;
      script = scripts_[path];
    }
    if (script) script(line);
  }
  SSL_free(tls);
  std::lock_guard lock(mutex_);
  std::erase(open_, descriptor);
  ::close(descriptor);
}

}  // namespace harvest::testing
