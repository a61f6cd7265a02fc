#include "service/quality/answer_watch.h"

#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace harvest::quality {

namespace {

constexpr size_t kWindow = 200;        // where none is stated
constexpr uint64_t kEvidenceMin = 20;  // fewer answers tell nothing, whatever they are
constexpr double kZ = 4;               // see answer_watch.h

double share_at_least(uint64_t count, uint64_t of) {
  const auto n = static_cast<double>(of);
  const double p = static_cast<double>(count) / n, z2 = kZ * kZ;
  return (p + z2 / (2 * n) - kZ * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n);
}

std::string percent(double share) {
  return absl::StrFormat("%.3g %%", share * 100);
}

}  // namespace

size_t AnswerWatch::window_of(const v1::Guard& guard) {
  return guard.window_answers() == 0 ? kWindow : guard.window_answers();
}

AnswerTraits AnswerWatch::add(AnswerTraits traits) {
  while (seen_.size() >= window_) forget_oldest();
  const Seen& seen = seen_.emplace_back(Seen{
      .text_hash = traits.text_hash, .refused = traits.refused, .truncated = traits.truncated, .empty = traits.empty});
  refused_ += seen.refused;
  truncated_ += seen.truncated;
  empty_ += seen.empty;
  if (!may_repeat(seen)) return traits;
  const uint32_t times = ++texts_[seen.text_hash];
  // The second makes a duplicate of the first too.
  duplicate_ += times == 2 ? 2 : times > 2 ? 1 : 0;
  traits.duplicate = times > 1;
  return traits;
}

void AnswerWatch::forget_oldest() {
  const Seen seen = seen_.front();
  seen_.pop_front();
  refused_ -= seen.refused;
  truncated_ -= seen.truncated;
  empty_ -= seen.empty;
  if (!may_repeat(seen)) return;
  const auto text = texts_.find(seen.text_hash);
  const uint32_t left = --text->second;
  duplicate_ -= left == 1 ? 2 : left > 1 ? 1 : 0;
  if (left == 0) texts_.erase(text);
}

void AnswerWatch::set_window(const v1::Guard& guard) {
  window_ = window_of(guard);
  while (seen_.size() > window_) forget_oldest();
}

void AnswerWatch::clear() {
  seen_.clear();
  texts_.clear();
  refused_ = truncated_ = empty_ = duplicate_ = 0;
}

std::optional<AnswerWatch::Trip> AnswerWatch::trips(const v1::Guard& guard) const {
  if (seen_.size() < kEvidenceMin) return std::nullopt;
  const std::array<Trip, 4> watched{Trip{"refused", refused_, seen_.size(), guard.refused_max()},
                                    Trip{"truncated", truncated_, seen_.size(), guard.truncated_max()},
                                    Trip{"empty", empty_, seen_.size(), guard.empty_max()},
                                    Trip{"duplicate", duplicate_, seen_.size(), guard.duplicate_max()}};
  for (const Trip& trip : watched)
    if (trip.threshold > 0 && share_at_least(trip.count, trip.answers) > trip.threshold) return trip;
  return std::nullopt;
}

v1::AnswerRates AnswerWatch::rates() const {
  v1::AnswerRates rates;
  rates.set_answers(seen_.size());
  rates.set_refused(refused_);
  rates.set_truncated(truncated_);
  rates.set_empty(empty_);
  rates.set_duplicate(duplicate_);
  return rates;
}

bool watches(const v1::Guard& guard) {
  return guard.refused_max() > 0 || guard.truncated_max() > 0 || guard.empty_max() > 0 || guard.duplicate_max() > 0;
}

std::string reason_of(const AnswerWatch::Trip& trip, const std::string& teacher) {
  const std::string were =
      trip.trait == "duplicate" ? "had the text of another" : absl::StrCat("were ", std::string(trip.trait));
  const double share = static_cast<double>(trip.count) / static_cast<double>(trip.answers);
  return absl::StrCat("guard: of ", teacher, "'s last ", trip.answers, " answers ", percent(share), " ", were,
                      "; the guard allows ", percent(trip.threshold),
                      ": look at `harvestctl pairs tail`, then `harvestctl jobs resume` (or `harvestctl jobs retune "
                      "--guard`)");
}

}  // namespace harvest::quality
