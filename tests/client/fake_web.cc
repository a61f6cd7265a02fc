#include "tests/client/fake_web.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace harvest::client {

FakeWeb::FakeWeb(std::string content, std::string etag) : content_(std::move(content)), etag_(std::move(etag)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(listen(listener_, 8) == 0);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

FakeWeb::~FakeWeb() {
  shutdown(listener_, SHUT_RDWR);  // wakes accept
  thread_.join();
  close(listener_);
}

std::string FakeWeb::url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/shard";
}

void FakeWeb::serve() {
  for (;;) {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) {
      return;
    }
    answer(connection);
    close(connection);
  }
}

void FakeWeb::answer(int connection) {
  std::string request;
  char block[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = read(connection, block, sizeof block);
    if (got <= 0) {
      return;
    }
    request.append(block, static_cast<size_t>(got));
  }
  requests_.push_back(request);
  size_t first = 0;
  const size_t range = request.find("Range: bytes=");
  if (range != std::string::npos && request.find("If-Range: " + etag_) != std::string::npos) {
    first = std::stoul(request.substr(range + 13));
  }
  const int code = status != 0 ? status.load() : first > 0 ? 206 : 200;
  const std::string body = status != 0 ? "an error page" : content_.substr(first);
  std::string reply = "HTTP/1.1 " + std::to_string(code) + " X\r\nContent-Length: " + std::to_string(body.size()) +
                      "\r\nETag: " + etag_ + "\r\nConnection: close\r\n\r\n" +
                      body.substr(0, cut_after.exchange(SIZE_MAX));
  for (size_t sent = 0; sent < reply.size();) {
    const ssize_t count = send(connection, reply.data() + sent, reply.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) {
      return;
    }
    sent += static_cast<size_t>(count);
  }
}

}  // namespace harvest::client
