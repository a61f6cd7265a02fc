#include "service/quality/labels/benchmark_list.h"

#include <algorithm>
#include <cassert>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "service/quality/labels/words.h"

namespace harvest::quality {

size_t BenchmarkList::add_benchmark(std::string name) {
  assert(benchmarks_.size() < kBenchmarksMax);
  benchmarks_.push_back({std::move(name)});
  return benchmarks_.size() - 1;
}

bool BenchmarkList::add_text(size_t benchmark, std::string_view text) {
  const WordRuns runs(words_of(text));
  if (runs.size() < kRunWordsLeast) return false;
  const size_t length = std::min(runs.size(), kRunWords);
  for (size_t i = 0; i + length <= runs.size(); ++i) {
    const uint64_t hash = runs.hash(i, length);
    uint64_t& owners = runs_[hash];
    // Each once, so that the order of texts makes no other version.
    if ((owners >> benchmark & 1) == 0) benchmarks_[benchmark].hash += hash;
    owners |= uint64_t{1} << benchmark;
  }
  lengths_ |= uint32_t{1} << length;
  return true;
}

uint64_t BenchmarkList::found_in(std::string_view text) const {
  const WordRuns runs(words_of(text));
  uint64_t found = 0;
  for (size_t length = kRunWordsLeast; length <= kRunWords; ++length) {
    if ((lengths_ >> length & 1) == 0) continue;
    for (size_t i = 0; i + length <= runs.size(); ++i)
      if (const auto run = runs_.find(runs.hash(i, length)); run != runs_.end()) found |= run->second;
  }
  return found;
}

std::optional<std::string> BenchmarkList::find(const Judged& judged) const {
  if (empty()) return std::nullopt;
  uint64_t found = 0;
  const auto look_at = [&](const v1::Message& message) {
    for (const std::string* text : {&message.content(), &message.reasoning_content(), &message.parts_json()})
      if (!text->empty()) found |= found_in(*text);
  };
  look_at(judged.message);
  for (const v1::Message& message : judged.prompt.messages()) look_at(message);
  if (found == 0) return std::nullopt;
  std::set<std::string> names;
  for (size_t i = 0; i < benchmarks_.size(); ++i)
    if ((found >> i & 1) != 0) names.insert(benchmarks_[i].name);
  return absl::StrJoin(names, "|");
}

std::string BenchmarkList::version() const {
  std::set<std::string> all;
  for (const Benchmark& benchmark : benchmarks_)
    all.insert(absl::StrCat(benchmark.name, ":", absl::StrFormat("%016x", benchmark.hash)));
  return absl::StrJoin(all, " ");
}

}  // namespace harvest::quality
