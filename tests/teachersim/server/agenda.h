#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "tests/teachersim/server/session.h"
#include "tests/teachersim/teacher.h"

namespace teachersim {

/// Something owed to a session at a time: an answer, or (without a visit) the end of its stall.
struct Due {
  std::chrono::steady_clock::time_point at;
  std::uint64_t order = 0;  // ties keep their order of arrival
  std::shared_ptr<Session> session;
  std::unique_ptr<Visit> visit;
};

/// All pending answers behind one timer: a heap, so that 15,000 answers in flight cost one timer and a few comparisons
/// each. Times are rounded up to whole milliseconds, so that answers of the same millisecond share a wake-up.
class Agenda {
 public:
  /// `on_due` is called for each entry when its time has come.
  Agenda(boost::asio::io_context& io, std::function<void(Due)> on_due);

  void add(std::chrono::steady_clock::time_point at, std::shared_ptr<Session> session, std::unique_ptr<Visit> visit);

 private:
  void arm();
  void on_timer();

  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point armed_for_ = std::chrono::steady_clock::time_point::max();
  std::function<void(Due)> on_due_;
  std::vector<Due> heap_;  // earliest first
  std::uint64_t order_ = 0;
};

}  // namespace teachersim
