#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harvest/v1/job.pb.h"
#include "service/flow/wait_cause.h"
#include "service/limit/demand.h"

namespace harvest::flow {

/// What one job has waited for since it was submitted: sums by teacher and cause.
///
///   const auto passed = book.advance(now);          // at every tick
///   book.add("t", {.cause = "requests", .among = 2}, passed);
///   if (book.due(now)) { store(book.rows()); book.noted(now); }
///
/// What holds the job as a whole stands under no teacher. Of each teacher the sums, with the whole job's, come to the
/// time in which something of the job was left there. Pure; decision lane only.
class WaitBook {
 public:
  WaitBook() = default;
  /// Goes on from what an earlier run noted; time counts from now.
  WaitBook(const v1::WaitBook& noted, limit::Instant now);

  /// The time since the last call, which is the caller's to add.
  std::chrono::nanoseconds advance(limit::Instant now);
  /// `teacher`: empty for the job as a whole.
  void add(std::string_view teacher, const WaitFor& wait, std::chrono::nanoseconds time);

  bool empty() const { return rows_.empty(); }
  /// How much of the job's life has a cause: the whole job's sums and those of the teacher that has most.
  std::chrono::nanoseconds counted() const;
  v1::WaitBook rows() const;
  /// Seconds by cause, those of all teachers added. Valid as long as the book is not changed.
  std::vector<std::pair<std::string_view, double>> by_cause() const;

  /// Is there something that was not noted for ten seconds?
  bool due(limit::Instant now) const { return changed_ && now - noted_at_ >= kNoteEvery; }
  void noted(limit::Instant now);

 private:
  static constexpr std::chrono::seconds kNoteEvery{10};
  struct Row {
    std::string teacher, cause;
    std::chrono::nanoseconds time{};
  };
  void add_to(std::string_view teacher, std::string_view cause, std::chrono::nanoseconds time);

  std::vector<Row> rows_;  // a few teachers by a dozen causes: a search is cheaper than a tree
  limit::Instant counted_at_{}, noted_at_{};
  bool changed_ = false;
};

}  // namespace harvest::flow
