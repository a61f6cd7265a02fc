#include "tests/teachersim/limits/utilisation.h"

#include <algorithm>

namespace teachersim::limits {

std::string_view name_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kRequests:
      return "requests";
    case Dimension::kInputTokens:
      return "input_tokens";
    case Dimension::kOutputTokens:
      return "output_tokens";
    case Dimension::kTokens:
      return "tokens";
    case Dimension::kRequestsPerDay:
      return "requests_per_day";
    case Dimension::kConcurrency:
      return "concurrency";
  }
  return "unknown";
}

void Utilisation::add(Dimension dimension, std::int64_t amount, Time at) {
  if (Window* window = window_of(at)) window->granted[static_cast<std::size_t>(dimension)] += amount;
}

void Utilisation::note_in_flight(std::int64_t in_flight, Time at) {
  Window* window = window_of(at);
  if (window == nullptr) return;
  std::int64_t& peak = window->granted[static_cast<std::size_t>(Dimension::kConcurrency)];
  peak = std::max(peak, in_flight);
}

Utilisation::Window* Utilisation::window_of(Time at) {
  const Time start = at / kWindow * kWindow;
  if (windows_.empty()) windows_.push_back({start, {}});
  if (start < windows_.front().start) return nullptr;  // so old that it was dropped
  if (start > windows_.back().start + static_cast<std::int64_t>(kWindowsKept) * kWindow)
    windows_.assign(1, {start, {}});
  while (windows_.back().start < start) windows_.push_back({windows_.back().start + kWindow, {}});
  while (windows_.size() > kWindowsKept) windows_.pop_front();
  return &windows_[static_cast<std::size_t>((start - windows_.front().start) / kWindow)];
}

}  // namespace teachersim::limits
