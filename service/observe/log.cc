#include "service/observe/log.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <chrono>
#include <mutex>

#include "service/observe/log_line.h"
#include "service/observe/rate_cap.h"

namespace harvest::observe::log {
namespace {

constexpr int kLinesPerSecond = 20;

/// The process' one log. spdlog brings the sink and its lock; the line is ours, so its pattern is the bare message.
struct Log {
  std::atomic<Level> level{Level::kInfo};
  std::atomic<bool> json{true};
  std::mutex mutex;  // guards what follows
  RateCap cap{kLinesPerSecond};
  std::shared_ptr<spdlog::logger> logger = make(std::make_shared<spdlog::sinks::stderr_sink_mt>());

  static std::shared_ptr<spdlog::logger> make(std::shared_ptr<spdlog::sinks::sink> sink) {
    auto logger = std::make_shared<spdlog::logger>("harvest", std::move(sink));
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);  // levels are decided here, before a line is made
    return logger;
  }
};

Log& the_log() {
  static Log* const log = new Log;  // never destroyed: threads may log while the process ends
  return *log;
}

}  // namespace

absl::Status configure(std::string_view level, std::string_view format) {
  Level parsed = Level::kInfo;
  if (level == "debug") {
    parsed = Level::kDebug;
  } else if (level == "warn") {
    parsed = Level::kWarn;
  } else if (level == "error") {
    parsed = Level::kError;
  } else if (level != "info" && !level.empty()) {
    return absl::InvalidArgumentError(fmt::format("log.level: '{}' is none of debug, info, warn, error", level));
  }
  if (format != "json" && format != "text" && !format.empty()) {
    return absl::InvalidArgumentError(fmt::format("log.format: '{}' is none of json, text", format));
  }
  the_log().level = parsed;
  the_log().json = format != "text";
  return absl::OkStatus();
}

void set_rate_cap(int per_second) {
  std::lock_guard lock(the_log().mutex);
  the_log().cap.set(per_second);
}

void set_sink(std::shared_ptr<spdlog::sinks::sink> sink) {
  auto logger = Log::make(std::move(sink));
  std::lock_guard lock(the_log().mutex);
  the_log().logger = std::move(logger);
}

uint64_t suppressed_total() {
  std::lock_guard lock(the_log().mutex);
  return the_log().cap.suppressed_total();
}

bool enabled(Level level) {
  return level >= the_log().level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view event, Fields fields) {
  if (!enabled(level)) return;
  Log& log = the_log();
  RateCap::Verdict verdict;
  std::shared_ptr<spdlog::logger> logger;
  {
    std::lock_guard lock(log.mutex);
    verdict = log.cap.ask(event, std::chrono::steady_clock::now());
    if (!verdict.pass) return;
    logger = log.logger;
  }
  const auto now = std::chrono::system_clock::now();
  const std::string line = log.json ? json_line(now, level, event, fields, verdict.suppressed)
                                    : text_line(now, level, event, fields, verdict.suppressed);
  logger->log(spdlog::level::critical, spdlog::string_view_t(line));
}

}  // namespace harvest::observe::log
