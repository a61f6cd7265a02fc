#pragma once

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "service/observe/log.h"

namespace harvest {

/// Keeps log lines aside while a progress bar is repainted on the same terminal, which would wipe them out: whoever
/// paints takes them and prints them above the bar. While it lives the log goes here, afterwards to stderr again; what
/// nobody took is printed then. Any thread logs; one paints.
class LogAside {
 public:
  LogAside() { observe::log::set_sink(lines_); }
  ~LogAside() {
    auto to_stderr = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    observe::log::set_sink(to_stderr);
    for (const std::string& line : take()) std::fprintf(stderr, "%s\n", line.c_str());
  }
  LogAside(const LogAside&) = delete;
  LogAside& operator=(const LogAside&) = delete;

  std::vector<std::string> take() { return lines_->take(); }

 private:
  class Lines final : public spdlog::sinks::base_sink<std::mutex> {
   public:
    std::vector<std::string> take() {
      std::lock_guard lock(mutex_);
      return std::exchange(lines_, {});
    }

   private:
    void sink_it_(const spdlog::details::log_msg& message) override {
      lines_.emplace_back(message.payload.data(), message.payload.size());
    }
    void flush_() override {}
    std::vector<std::string> lines_;
  };
  std::shared_ptr<Lines> lines_ = std::make_shared<Lines>();
};

}  // namespace harvest
