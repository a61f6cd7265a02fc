#include "tests/transport/canned_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

namespace harvest::testing {
namespace {

using Clock = std::chrono::steady_clock;

std::string response() {
  std::string body =
      R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":")";
  body += std::string(1250, 'x');
  body += R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":200,"completion_tokens":300,"total_tokens":500}})";
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: req_1\r\n"
         "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\nx-ratelimit-reset-requests: "
         "6ms\r\n"
         "x-ratelimit-limit-tokens: 30000\r\nx-ratelimit-remaining-tokens: 29990\r\nx-ratelimit-reset-tokens: 20ms\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Due {
  Clock::time_point at;
  int descriptor;
};

/// The request is small and arrives in one or two segments; its end is told by the announced length.
bool whole(const std::string& request) {
  const size_t head = request.find("\r\n\r\n"), length = request.find("Content-Length: ");
  return head != std::string::npos && length < head &&
         request.size() >= head + 4 + std::strtoul(request.c_str() + length + 16, nullptr, 10);
}

[[noreturn]] void serve(int listener, std::chrono::milliseconds delay) {
  const std::string answer = response();
  const int epoll = epoll_create1(0);
  epoll_event event{.events = EPOLLIN, .data = {.fd = listener}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  std::vector<std::string> requests;
  std::deque<Due> due;
  std::vector<epoll_event> events(1024);
  char buffer[16384];
  for (;;) {
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), due.empty() ? 1000 : 1);
    for (int i = 0; i < count; ++i) {
      const int descriptor = events[i].data.fd;
      if (descriptor == listener) {
        int client;
        while ((client = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0) {
          const int on = 1;
          ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          event.data.fd = client;
          epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event);
          if (requests.size() <= static_cast<size_t>(client)) requests.resize(static_cast<size_t>(client) + 1);
        }
        continue;
      }
      std::string& request = requests[static_cast<size_t>(descriptor)];
      const ssize_t received = ::recv(descriptor, buffer, sizeof buffer, 0);
      if (received <= 0) {
        request.clear();
        ::close(descriptor);
        continue;
      }
      request.append(buffer, static_cast<size_t>(received));
      if (!whole(request)) continue;
      request.clear();
      if (delay.count() == 0) {
        ::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL);
      } else {
        due.push_back({Clock::now() + delay, descriptor});
      }
    }
    for (; !due.empty() && due.front().at <= Clock::now(); due.pop_front())
      ::send(due.front().descriptor, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
}

}  // namespace

CannedServer::CannedServer(std::chrono::milliseconds delay) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 16384) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    std::abort();
  port_ = ntohs(address.sin_port);
  child_ = ::fork();
  if (child_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    serve(listener, delay);
  }
  ::close(listener);
}

CannedServer::~CannedServer() {
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

}  // namespace harvest::testing
