#pragma once

#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "harvest/v1/job.pb.h"

namespace harvest::client {

/// How far a job is, shown as it goes: two lines repainted in place on a terminal, one line every few seconds (and at
/// every change of state) otherwise. Shared by `harvestctl submit --watch`, `jobs watch` and `harvestd run`.
///
/// Feed it with each JobStatus; end it with finish(), which leaves the last state standing. One owner, one thread.
/// Writes to `out` alone, and nothing that a teacher said without safe_text().
class Progress {
 public:
  struct Options {
    FILE* out = stderr;
    bool repaint = false;             ///< `out` is a terminal
    std::function<size_t()> columns;  ///< of the terminal, asked at every repaint; empty: 80
    std::chrono::milliseconds plain_every{5000};
  };
  explicit Progress(Options options) : options_(std::move(options)) {}
  /// On `out`: repainted if it is a terminal.
  static Progress on(FILE* out);

  /// `now`: monotonic.
  void show(const v1::JobStatus& job, std::chrono::nanoseconds now);
  void finish();
  /// A line of something else, above the bar where there is one.
  void say(const std::string& line);

 private:
  void repaint(const v1::JobStatus& job);

  Options options_;
  v1::JobStatus last_;
  bool painted_ = false;
  bool said_last_ = true;  // the last state was printed
  std::optional<std::chrono::nanoseconds> said_at_;
  v1::JobState said_state_ = v1::JOB_STATE_UNSPECIFIED;
};

/// Queries that have ended, in whichever way.
uint64_t ended(const v1::JobCounters& counters);

/// "j_01J… running 4800/7473 …": one plain line, key=value, without a line end.
std::string progress_line(const v1::JobStatus& job);

/// The bar and what goes with it, each at most `columns` wide.
std::string progress_bar(const v1::JobStatus& job, size_t columns);
std::string progress_details(const v1::JobStatus& job, size_t columns);

/// "0:34", "2:05:10", "3d 4h"; "?" where it is unknown.
std::string short_duration(double seconds);
/// "2026-11-20T09:30:00Z": to the second.
std::string short_time(int64_t utc_us);
/// "1 shard", "2 shards".
std::string counted(uint64_t count, const std::string& noun);
/// "950", "12.3k", "4.5M"
std::string short_count(double count);
/// "running"
std::string state_name(v1::JobState state);

}  // namespace harvest::client
