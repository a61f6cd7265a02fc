#include "service/quality/near_duplicates/clusters.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "service/quality/near_duplicates/shingles.h"
#include "storage/corpus/label_rules.h"

namespace harvest::quality {

const Clusters::Head* Clusters::near_to(const Signature& signature) const {
  std::vector<uint64_t> candidates;
  for (const uint64_t band : signature.bands)
    if (const auto found = bands_.find(band); found != bands_.end())
      candidates.insert(candidates.end(), found->second.begin(), found->second.end());
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  for (const uint64_t sequence : candidates) {
    const auto head = heads_.find(sequence);
    if (head == heads_.end()) continue;  // taken out of the index since
    if (resemblance(head->second.mins, signature.mins) >= kNear) return &head->second;
  }
  return nullptr;
}

std::optional<std::string> Clusters::add(uint64_t sequence, const std::string& record_id, const Signature& signature) {
  if (const Head* head = near_to(signature)) return head->record_id;
  for (const uint64_t band : signature.bands) {
    std::vector<uint64_t>& named = bands_[band];
    if (named.size() < kBandHeadsMax) named.push_back(sequence);
  }
  heads_[sequence] = new_heads_[sequence] = {record_id, signature.mins};
  return std::nullopt;
}

std::map<uint64_t, std::vector<uint64_t>> Clusters::changed_bands() const {
  std::map<uint64_t, std::vector<uint64_t>> changed;
  for (const auto& [band, named] : bands_)
    if (!named.empty() && new_heads_.contains(named.back())) changed[band] = named;
  return changed;
}

std::string Clusters::rule() {
  return absl::StrCat(std::string(corpus::kNearDuplicate), "/", corpus::version_of_rule(corpus::kNearDuplicate),
                      " (runs of ", kShingleWords, " words, ", kNearWordsLeast, " words at least, ", kMins, " minima, ",
                      kBands, " bands of ", kBandMins, ", ", kNear, " alike, ", kBandHeadsMax, " heads a band)");
}

}  // namespace harvest::quality
