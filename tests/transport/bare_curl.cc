#include "tests/transport/bare_curl.h"

#include <curl/curl.h>
#include <sys/epoll.h>
#include <time.h>

#include <memory>
#include <unordered_map>
#include <vector>

namespace harvest::testing {
namespace {

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct Multi {
  CURLM* multi = nullptr;
  int epoll = -1;
  bool due = false;
};

struct Watched {
  Multi* multi;
  uint32_t events;
};
// One thread, one run at a time.
std::unordered_map<int, Watched> watched;

int on_socket(CURL*, curl_socket_t descriptor, int what, void* self, void*) {
  Multi& multi = *static_cast<Multi*>(self);
  if (what == CURL_POLL_REMOVE) return 0;
  const uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
  const auto [at, fresh] = watched.try_emplace(descriptor, Watched{&multi, events});
  if (!fresh && at->second.events == events) return 0;
  at->second.events = events;
  epoll_event event{.events = events, .data = {.fd = descriptor}};
  epoll_ctl(multi.epoll, fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event);
  return 0;
}

int on_timer(CURLM*, long timeout_ms, void* self) {
  static_cast<Multi*>(self)->due = timeout_ms == 0;
  return 0;
}

size_t on_body(char* data, size_t size, size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

}  // namespace

BareCurl BareCurl::run(const std::string& url, const std::vector<std::string>& bodies, size_t concurrency,
                       size_t requests) {
  constexpr size_t kPerMulti = 128;
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  curl_slist* headers = nullptr;
  for (const char* line :
       {"Content-Type: application/json", "Accept: application/json", "Authorization: Bearer x", "Expect:"})
    headers = curl_slist_append(headers, line);
  std::vector<std::unique_ptr<Multi>> multis;
  std::vector<std::unique_ptr<std::string>> answers;
  BareCurl result{.requests = requests - requests / 10};
  size_t begun = 0, ended = 0;
  double cpu_since = 0, wall_since = 0;
  const auto next_body = [&](CURL* easy) {
    const std::string& body = bodies[begun++ % bodies.size()];
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
  };
  for (size_t i = 0; i < concurrency; ++i) {
    if (i % kPerMulti == 0) {
      Multi& multi = *multis.emplace_back(std::make_unique<Multi>(Multi{curl_multi_init(), epoll}));
      curl_multi_setopt(multi.multi, CURLMOPT_SOCKETFUNCTION, &on_socket);
      curl_multi_setopt(multi.multi, CURLMOPT_SOCKETDATA, &multi);
      curl_multi_setopt(multi.multi, CURLMOPT_TIMERFUNCTION, &on_timer);
      curl_multi_setopt(multi.multi, CURLMOPT_TIMERDATA, &multi);
      curl_multi_setopt(multi.multi, CURLMOPT_MAXCONNECTS, 256L);
    }
    CURL* easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 600000L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, answers.emplace_back(std::make_unique<std::string>()).get());
    curl_easy_setopt(easy, CURLOPT_PRIVATE, answers.back().get());
    next_body(easy);
    curl_multi_add_handle(multis.back()->multi, easy);
  }
  const auto act = [&](Multi& multi, curl_socket_t descriptor, int events) {
    int running = 0, left = 0;
    do {
      multi.due = false;
      curl_multi_socket_action(multi.multi, descriptor, events, &running);
      while (const CURLMsg* message = curl_multi_info_read(multi.multi, &left)) {
        CURL* easy = message->easy_handle;
        std::string* received = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &received);
        received->clear();
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        result.failed += message->data.result != CURLE_OK || status != 200;
        curl_multi_remove_handle(multi.multi, easy);
        if (++ended == requests / 10) {
          cpu_since = seconds_of(CLOCK_THREAD_CPUTIME_ID);
          wall_since = seconds_of(CLOCK_MONOTONIC);
        }
        if (begun >= requests) {
          curl_easy_cleanup(easy);
          continue;
        }
        next_body(easy);
        curl_multi_add_handle(multi.multi, easy);
      }
      descriptor = CURL_SOCKET_TIMEOUT;
      events = 0;
    } while (multi.due);
  };
  for (const auto& multi : multis) act(*multi, CURL_SOCKET_TIMEOUT, 0);
  std::vector<epoll_event> events(1024);
  while (ended < requests) {
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < count; ++i) {
      const uint32_t seen = events[i].events;
      const int curl_events =
          (seen & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) | (seen & EPOLLOUT ? CURL_CSELECT_OUT : 0);
      act(*watched.at(events[i].data.fd).multi, events[i].data.fd, curl_events);
    }
    if (count == 0)
      for (const auto& multi : multis) act(*multi, CURL_SOCKET_TIMEOUT, 0);
  }
  result.cpu_seconds = seconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu_since;
  result.wall_seconds = seconds_of(CLOCK_MONOTONIC) - wall_since;
  watched.clear();
  for (const auto& multi : multis) curl_multi_cleanup(multi->multi);
  curl_slist_free_all(headers);
  return result;
}

}  // namespace harvest::testing
