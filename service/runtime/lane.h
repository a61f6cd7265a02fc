#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>

namespace harvest::runtime {

/// One io_context with one thread. What belongs to a lane is touched by no other thread; others post() moved values to
/// it. Its thread has SIGPIPE blocked.
class Lane {
 public:
  explicit Lane(std::string name);
  ~Lane();  ///< stop() and join
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  boost::asio::io_context& context() { return context_; }
  /// Lets the thread run out of work and joins it.
  void finish();
  /// Stops at once and joins.
  void stop();
  bool is_current() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
};

}  // namespace harvest::runtime
