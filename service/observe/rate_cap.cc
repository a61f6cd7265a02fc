#include "service/observe/rate_cap.h"

#include <utility>

namespace harvest::observe::log {

RateCap::Verdict RateCap::ask(std::string_view event, Instant now) {
  if (per_second_ <= 0) return {.pass = true};
  auto found = windows_.find(event);
  if (found == windows_.end()) {
    if (windows_.size() >= kEventsMax) windows_.clear();
    found = windows_.emplace(std::string(event), Window{.started = now}).first;
  }
  Window& window = found->second;
  if (now - window.started >= std::chrono::seconds(1)) {
    window.started = now;
    window.passed = 0;
  }
  if (window.passed >= per_second_) {
    ++window.suppressed;
    ++suppressed_total_;
    return {};
  }
  ++window.passed;
  return {.pass = true, .suppressed = std::exchange(window.suppressed, 0)};
}

}  // namespace harvest::observe::log
