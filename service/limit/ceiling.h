#pragma once

#include <cstdint>
#include <optional>

#include "harvest/v1/teacher.pb.h"
#include "service/limit/demand.h"
#include "service/limit/paced_limit.h"
#include "service/limit/permit.h"

namespace harvest::limit {

/// What one job may take of one teacher at most, however much the teacher has: rates per minute, and attempts in
/// flight.
///
/// Used as the Limiter is: ask() changes nothing, take() requires that it granted, settle() gives back. Nothing is
/// learned here: it is our own bound, not the vendor's, and what nobody states is not bounded. Pure; decision lane.
class Ceiling {
 public:
  /// Of `limits`, the figures per minute and `concurrency`.
  explicit Ceiling(const v1::Limits& limits) { set_limits(limits); }

  /// Binds as kJobCeiling; at kNever where only an attempt that ends makes room.
  Verdict ask(const Demand& demand, Instant now) const;
  void take(const Demand& demand, Instant now);
  void settle(const Permit& permit, const Actual& actual, Instant now);

  /// Changed bounds apply from the next attempt; what is in flight stays counted.
  void set_limits(const v1::Limits& limits);

 private:
  PacedLimit requests_, input_tokens_, output_tokens_;
  PacedLimit tokens_;  ///< input and output in one figure, beside the two or alone
  std::optional<int64_t> concurrency_max_;
  int64_t in_flight_ = 0;
};

}  // namespace harvest::limit
