#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "service/flow/disk_guard.h"
#include "service/runtime/lane.h"

namespace harvest {

/// What is done once a second beside the harvest, on a lane of its own because it reads and writes disks: due segments
/// are closed, cut and published, the log is signed, and the free space is watched. Pairs are labelled on another, of
/// the lowest priority.
class Housekeeping {
 public:
  struct Chores {
    std::function<void()> publish;                            ///< and sign; may take long
    std::function<void(bool low, uint64_t free_bytes)> disk;  ///< told at every look
    std::function<std::chrono::milliseconds()> label;         ///< some pairs; says when to do the next
  };
  /// `data_dir`: whose disk is watched; `free_bytes_min`: where asking stops.
  Housekeeping(std::string data_dir, uint64_t free_bytes_min, Chores chores);
  ~Housekeeping() { stop(); }

  void start();
  /// After the chore under way.
  void stop();

 private:
  void round();
  void label();

  std::string data_dir_;
  flow::DiskGuard guard_;
  Chores chores_;
  runtime::Lane lane_{"housekeeping"};
  boost::asio::steady_timer timer_{lane_.context()};
  runtime::Lane labels_{"labels"};
  boost::asio::steady_timer labels_timer_{labels_.context()};
};

}  // namespace harvest
