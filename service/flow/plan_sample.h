#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "harvest/v1/control.pb.h"
#include "service/flow/pilot_answers.h"
#include "service/flow/reuse_terms.h"
#include "service/flow/stream_reader.h"
#include "service/plan/facts.h"
#include "service/price/price_book.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// Looks at sampled prompts as a job would ask them of one teacher: what is known of them, what its pilot came to, what
/// that tells of other prompts. Blocking reads, no writes; off the lanes.
class PlanSample {
 public:
  struct Parts {
    const store::Store& store;
    const v1::Job& job;
    const std::string& tenant;
    const PilotAnswers& pilot;
    std::string pilot_job_id;  ///< what it asked was not there before
    StreamReader::MayReuse may_reuse;
    ReuseTerms terms;
    int64_t utc_us = 0;
  };
  /// INVALID_ARGUMENT or FAILED_PRECONDITION: it has no prices that can be read, or none today.
  static absl::StatusOr<PlanSample> of(Parts parts, const v1::Teacher& teacher);

  plan::Sampled look_at(const v1::Prompt& prompt);

  uint64_t pilot_answers() const { return pilot_answers_; }
  plan::Price price(std::string_view route) const;
  bool batch_is_cheaper() const { return prices_.list.batch_is_cheaper(parts_.job.sampling().service_tier()); }

 private:
  struct Seen {
    v1::Usage one;              ///< of one query alone
    std::optional<double> usd;  ///< where it is not told by its usage
    double seconds = 0;
  };
  PlanSample(Parts parts, const v1::Teacher& teacher, price::PriceBook::Entry prices)
      : parts_(std::move(parts)), teacher_(teacher), prices_(std::move(prices)) {}

  bool serves(const v1::Answer& answer, int64_t output_cap) const;
  Seen seen_of(const v1::Answer& answer) const;
  plan::Take take(const v1::Sampling& sampling, const Seen* seen, uint32_t queries) const;
  double usd(const v1::Usage& usage, std::string_view route, const std::string& service_tier) const;

  Parts parts_;
  const v1::Teacher& teacher_;
  price::PriceBook::Entry prices_;
  uint64_t pilot_answers_ = 0;
};

}  // namespace harvest::flow
