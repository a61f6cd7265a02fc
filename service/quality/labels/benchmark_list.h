#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "service/quality/labels/judged.h"

namespace harvest::quality {

/// Texts of benchmarks that no training row should repeat, as hashes of runs of 13 words; of a text of 8 to 12 words
/// the whole is one run, a shorter one tells nothing and is passed over. Twelve bytes or so a word of the benchmarks.
///
/// Filled once, then shared by threads.
class BenchmarkList {
 public:
  static constexpr size_t kRunWords = 13;
  static constexpr size_t kRunWordsLeast = 8;
  static constexpr size_t kBenchmarksMax = 64;

  /// The number of a new benchmark; at most kBenchmarksMax of them.
  size_t add_benchmark(std::string name);
  /// False: too short a text, which tells nothing.
  bool add_text(size_t benchmark, std::string_view text);

  bool empty() const { return runs_.empty(); }
  size_t size() const { return runs_.size(); }  ///< different runs
  /// Rule `contaminated`: the benchmarks that prompt or answer repeats, sorted and joined by `|`.
  std::optional<std::string> find(const Judged& judged) const;
  /// Names, and what their texts hash to: changes when they do.
  std::string version() const;

 private:
  uint64_t found_in(std::string_view text) const;

  struct Benchmark {
    std::string name;
    uint64_t hash = 0;
  };
  std::vector<Benchmark> benchmarks_;
  absl::flat_hash_map<uint64_t, uint64_t> runs_;  ///< hash → benchmarks, a bit each
  uint32_t lengths_ = 0;                          ///< of runs that there are, a bit each
};

}  // namespace harvest::quality
