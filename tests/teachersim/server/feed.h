#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/teachersim/teacher.h"

namespace teachersim {

/// A delivery in the portions that are sent one by one: a stream with a gap between its events has one an event,
/// everything else is one portion. Pure.
class Feed {
 public:
  Feed() = default;
  Feed(Delivery delivery, bool keep_alive);

  /// The bytes to send next; only while not done.
  std::string next();
  bool done() const { return done_; }
  /// To be waited for between two portions.
  limits::Time gap() const { return gap_; }
  /// What to do when all is sent.
  Manner manner() const { return manner_; }

 private:
  std::string head_;
  std::vector<std::string> events_;
  std::size_t sent_ = 0;
  limits::Time gap_{0};
  Manner manner_ = Manner::kWhole;
  bool done_ = true;
};

}  // namespace teachersim
