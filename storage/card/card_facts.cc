#include "storage/card/card_facts.h"

#include <cassert>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace harvest::card {

CardFacts facts_of(const v1::Manifest& manifest) {
  const auto format = corpus::parse_format(manifest.format());
  assert(format.ok());  // Invariant: nothing else is published.
  CardFacts facts;
  facts.name =
      manifest.view() == "default" ? manifest.dataset() : absl::StrCat(manifest.dataset(), "-", manifest.view());
  facts.version = absl::StrCat(manifest.major(), ".", manifest.version(), ".0");
  facts.day = manifest.created_at().substr(0, 10);
  facts.format = *format;
  facts.files = absl::StrCat("shards/*.", std::string(corpus::format_ending(*format)));
  facts.rows = manifest.rows();

  std::set<std::string> teachers, licences, sources, obligations, purposes;
  bool first = true;
  for (const v1::Shard& shard : manifest.shards()) {
    facts.bytes += shard.bytes();
    facts.self_attested |= shard.self_attested();
    teachers.insert(shard.teachers().begin(), shard.teachers().end());
    licences.insert(shard.licences().begin(), shard.licences().end());
    sources.insert(shard.prompt_sources().begin(), shard.prompt_sources().end());
    obligations.insert(shard.obligations().begin(), shard.obligations().end());
    // What all rows may be used for: of some of them alone a card must not say it of the whole.
    const std::set<std::string> of_shard(shard.purposes().begin(), shard.purposes().end());
    if (std::exchange(first, false)) purposes = of_shard;
    std::erase_if(purposes, [&](const std::string& purpose) { return !of_shard.contains(purpose); });
  }
  const auto list = [](const std::set<std::string>& names) {
    std::vector<std::string> filled;
    for (const std::string& name : names)
      if (!name.empty()) filled.push_back(name);
    return filled;
  };
  facts.teachers = list(teachers);
  facts.licences = list(licences);
  facts.prompt_sources = list(sources);
  facts.obligations = list(obligations);
  facts.purposes = list(purposes);
  facts.summary = absl::StrCat(facts.rows, " prompts with the answers of ",
                               facts.teachers.empty() ? "no teacher yet" : absl::StrJoin(facts.teachers, ", "),
                               ", asked through their APIs");
  return facts;
}

}  // namespace harvest::card
