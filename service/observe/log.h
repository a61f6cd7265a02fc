#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace spdlog::sinks {
class sink;
}

/// One event, one line, on stderr: `ts`, `level`, `event`, then fields in the order given. JSON lines, or text for
/// people.
///
///   observe::log::info("job_finished", {{"job", id}, {"pairs", n}});
///   {"ts":"2026-11-22T05:45:02.118Z","level":"info","event":"job_finished","job":"j_01…","pairs":300}
///
/// Logged by flow, api and main only; libraries return facts. Never a prompt, an answer or a secret: fields are ids,
/// names, counts and times. Each event name has a cap per second; what was kept back is told by `suppressed` on that
/// event's next line, so that a fault in a loop fills no disk. Any thread; before configure(): info, JSON, stderr.
///
/// Levels by example. error: somebody must act (store write failed, teacher halted). warn: it goes on, but look (retry
/// budget used up, segment not cut). info: what an operator would ask about tomorrow (job submitted, version
/// published). debug: one query's story.
namespace harvest::observe::log {

enum class Level : uint8_t { kDebug, kInfo, kWarn, kError };

/// A value of a field: text, number or truth. Text is only read during the call.
class Value {
 public:
  Value(std::string_view text) : value_(text) {}
  Value(const std::string& text) : value_(std::string_view(text)) {}
  Value(const char* text) : value_(std::string_view(text)) {}
  Value(absl::string_view text) : value_(std::string_view(text.data(), text.size())) {}  // as Status::message() gives
  template <typename T>
  requires std::is_arithmetic_v<T> Value(T number) {
    if constexpr (std::is_same_v<T, bool>) {
      value_ = number;
    } else if constexpr (std::is_floating_point_v<T>) {
      value_ = static_cast<double>(number);
    } else if constexpr (std::is_signed_v<T>) {
      value_ = static_cast<int64_t>(number);
    } else {
      value_ = static_cast<uint64_t>(number);
    }
  }
  using Held = std::variant<std::string_view, bool, int64_t, uint64_t, double>;
  const Held& held() const { return value_; }

 private:
  Held value_;
};

struct Field {
  std::string_view key;
  Value value;
};
using Fields = std::initializer_list<Field>;

/// Level (debug, info, warn, error; empty: info) and format (json, text; empty: json) as the configuration names them.
absl::Status configure(std::string_view level, std::string_view format);
/// Lines of one event per second; 0: no cap. 20 unless set.
void set_rate_cap(int per_second);
/// Where lines go instead of stderr: for tests.
void set_sink(std::shared_ptr<spdlog::sinks::sink> sink);
/// Lines kept back by the cap since start.
uint64_t suppressed_total();

bool enabled(Level level);
void write(Level level, std::string_view event, Fields fields);

inline void debug(std::string_view event, Fields fields = {}) {
  write(Level::kDebug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) {
  write(Level::kInfo, event, fields);
}
inline void warn(std::string_view event, Fields fields = {}) {
  write(Level::kWarn, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
  write(Level::kError, event, fields);
}

}  // namespace harvest::observe::log
