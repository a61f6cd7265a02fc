#include "service/quality/drift_watch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace harvest::quality {

namespace {

constexpr int64_t kDay = 86'400'000'000;   // microseconds
constexpr int64_t kKeepEvery = kDay / 24;  // how exactly it is kept when an identity was seen last
constexpr int kEpochsMax = 20;             // that are told of
constexpr int kIdentitiesMax = 32;         // more at once serves no vendor
constexpr int kFingerprintsPerDay = 8;
constexpr size_t kNameBytes = 128;  // of what a teacher calls itself; it may say anything

bool fits(const std::string& known, std::string_view told) {
  return told.empty() || known.empty() || known == told;
}

std::string words_of(std::string_view model, std::string_view fingerprint) {
  if (fingerprint.empty()) return model.empty() ? "no name" : std::string(model);
  return absl::StrCat(model.empty() ? "no model" : std::string(model), " ", std::string(fingerprint));
}

}  // namespace

/// The one that was seen last of those that it may be.
v1::DriftBook::Identity* DriftWatch::find(const Identity& identity) {
  v1::DriftBook::Identity* found = nullptr;
  for (v1::DriftBook::Identity& known : *book_.mutable_identities())
    if (fits(known.model_reported(), identity.model_reported) &&
        fits(known.system_fingerprint(), identity.system_fingerprint) &&
        (found == nullptr || known.seen_at_us() > found->seen_at_us()))
      found = &known;
  return found;
}

bool DriftWatch::knows_model(std::string_view model) const {
  return std::any_of(book_.identities().begin(), book_.identities().end(), [&](const auto& known) {
    return fits(known.model_reported(), model) && last_seen_us_ - known.seen_at_us() <= kDay;
  });
}

bool DriftWatch::too_many_fingerprints(int64_t utc_us) const {
  return std::count_if(book_.epochs().begin(), book_.epochs().end(), [&](const v1::TeacherEpoch& epoch) {
           return epoch.cause() == "system_fingerprint" && utc_us - epoch.since_us() < kDay;
         }) >= kFingerprintsPerDay;
}

DriftWatch::DriftWatch(v1::DriftBook book) : book_(std::move(book)) {
  for (const v1::DriftBook::Identity& known : book_.identities())
    last_seen_us_ = std::max(last_seen_us_, known.seen_at_us());
}

const v1::TeacherEpoch* DriftWatch::seen(const Identity& identity, int64_t utc_us, bool by_batch) {
  leave_out_silence(utc_us);
  const v1::TeacherEpoch* began = note({.model_reported = identity.model_reported.substr(0, kNameBytes),
                                        .system_fingerprint = identity.system_fingerprint.substr(0, kNameBytes)},
                                       utc_us, by_batch);
  last_seen_us_ = std::max(last_seen_us_, utc_us);
  if (utc_us - kept_at_us_ > kKeepEvery) changed_ = true;
  if (changed_) kept_at_us_ = utc_us;
  return began;
}

/// Of a teacher that was not asked for weeks, nobody was seen: only answers of others are time.
void DriftWatch::leave_out_silence(int64_t utc_us) {
  const int64_t silence = utc_us - last_seen_us_ - kKeepEvery;
  if (last_seen_us_ == 0 || silence <= 0) return;
  for (v1::DriftBook::Identity& known : *book_.mutable_identities()) known.set_seen_at_us(known.seen_at_us() + silence);
  last_seen_us_ += silence;
}

const v1::TeacherEpoch* DriftWatch::note(const Identity& identity, int64_t utc_us, bool by_batch) {
  v1::DriftBook::Identity* known = find(identity);
  if (known != nullptr && (by_batch || last_seen_us_ - known->seen_at_us() <= kDay)) {
    known->set_seen_at_us(std::max(known->seen_at_us(), utc_us));
    // What is reported for the first time belongs to who was there: nothing says that it is another.
    if (known->system_fingerprint().empty()) known->set_system_fingerprint(std::string(identity.system_fingerprint));
    if (known->model_reported().empty()) known->set_model_reported(std::string(identity.model_reported));
    return nullptr;
  }
  if (book_.identities().empty()) {
    remember(identity, utc_us);
    return begin("first", identity, "", utc_us);
  }
  const bool other_model = !knows_model(identity.model_reported);
  if (!other_model && too_many_fingerprints(utc_us)) return nullptr;
  const auto latest = std::max_element(book_.identities().begin(), book_.identities().end(),
                                       [](const auto& a, const auto& b) { return a.seen_at_us() < b.seen_at_us(); });
  std::string detail = absl::StrCat(words_of(latest->model_reported(), latest->system_fingerprint()), " before, ",
                                    words_of(identity.model_reported, identity.system_fingerprint), " now",
                                    known != nullptr ? ", as once already" : "");
  remember(identity, utc_us);
  // They would tell of the same change once more.
  CanaryPanel(book_).forget();
  return begin(other_model ? "model_reported" : "system_fingerprint", identity, std::move(detail), utc_us);
}

const v1::TeacherEpoch* DriftWatch::heard(const std::vector<uint64_t>& asked,
                                          const std::vector<CanaryPanel::Answered>& round, int64_t utc_us) {
  changed_ = true;
  std::optional<std::string> what = CanaryPanel(book_).heard(asked, round, utc_us);
  if (!what) return nullptr;
  const v1::TeacherEpoch before = book_.epochs().empty() ? v1::TeacherEpoch() : *book_.epochs().rbegin();
  return begin("canaries", {before.model_reported(), before.system_fingerprint()}, *std::move(what), utc_us);
}

void DriftWatch::remember(const Identity& identity, int64_t utc_us) {
  auto& known = *book_.mutable_identities();
  const auto same = std::find_if(known.begin(), known.end(), [&](const v1::DriftBook::Identity& other) {
    return other.model_reported() == identity.model_reported &&
           other.system_fingerprint() == identity.system_fingerprint;
  });
  if (same != known.end()) return same->set_seen_at_us(utc_us);
  if (known.size() >= kIdentitiesMax)
    known.erase(std::min_element(known.begin(), known.end(),
                                 [](const auto& a, const auto& b) { return a.seen_at_us() < b.seen_at_us(); }));
  v1::DriftBook::Identity& added = *known.Add();
  added.set_model_reported(std::string(identity.model_reported));
  added.set_system_fingerprint(std::string(identity.system_fingerprint));
  added.set_seen_at_us(utc_us);
}

const v1::TeacherEpoch* DriftWatch::begin(std::string cause, const Identity& identity, std::string detail,
                                          int64_t utc_us) {
  const uint32_t number = epoch() + 1;
  auto& epochs = *book_.mutable_epochs();
  if (epochs.size() >= kEpochsMax) epochs.erase(epochs.begin());
  v1::TeacherEpoch& began = *epochs.Add();
  began.set_number(number);
  began.set_since_us(utc_us);
  began.set_cause(std::move(cause));
  began.set_model_reported(std::string(identity.model_reported));
  began.set_system_fingerprint(std::string(identity.system_fingerprint));
  began.set_detail(std::move(detail));
  changed_ = true;
  return &began;
}

void report(const v1::DriftBook& book, v1::TeacherStatus& status) {
  *status.mutable_epochs() = book.epochs();
  status.set_canaries_asked_at_us(book.asked_at_us());
  status.set_canaries_agreed(book.agreed());
  status.set_canaries_told(book.told());
}

}  // namespace harvest::quality
