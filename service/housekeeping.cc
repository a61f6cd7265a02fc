#include "service/housekeeping.h"

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "service/observe/log.h"

namespace harvest {

namespace {
constexpr auto kRound = std::chrono::seconds(1);
// What the harvest leaves of the machine.
constexpr int kLabelsNice = 10;
}  // namespace

Housekeeping::Housekeeping(std::string data_dir, uint64_t free_bytes_min, Chores chores)
    : data_dir_(std::move(data_dir)), guard_(free_bytes_min), chores_(std::move(chores)) {}

void Housekeeping::start() {
  boost::asio::post(lane_.context(), [this] { round(); });
  boost::asio::post(labels_.context(), [this] {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLabelsNice);  // of this thread; where it fails, so be it
    label();
  });
}

void Housekeeping::stop() {
  lane_.stop();
  labels_.stop();
}

void Housekeeping::round() {
  if (auto free = flow::free_bytes(data_dir_); free.ok())
    chores_.disk(guard_.low(*free), *free);
  else
    observe::log::error("disk_unknown", {{"error", free.status().message()}});
  chores_.publish();
  timer_.expires_after(kRound);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) round();
  });
}

void Housekeeping::label() {
  labels_timer_.expires_after(chores_.label());
  labels_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) label();
  });
}

}  // namespace harvest
