#include "service/config/quality_checks.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "proto/text/mistake.h"

namespace harvest::config {
namespace {

constexpr int kBenchmarksMost = 64;

/// Stands in a set joined by `|`, in filters and in the text of all rules.
bool is_benchmark_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

void check_quality(const v1::QualityOptions& quality, const Complain& complain) {
  if (quality.benchmarks_size() > kBenchmarksMost)
    complain("quality.benchmarks",
             absl::StrCat("found ", quality.benchmarks_size(), ", expected at most ", kBenchmarksMost));
  std::set<std::string> names;
  for (int i = 0; i < quality.benchmarks_size(); ++i) {
    const v1::Benchmark& benchmark = quality.benchmarks(i);
    const std::string path = absl::StrCat("quality.benchmarks[", i, "]");
    if (!is_benchmark_name(benchmark.name()))
      complain(path + ".name", absl::StrCat("found ", text::shown(benchmark.name()),
                                            ", expected 1 to 64 letters, digits, '.', '_' and '-'"));
    else if (!names.insert(benchmark.name()).second)
      complain(path + ".name",
               absl::StrCat("found ", text::shown(benchmark.name()), " a second time, expected each name once"));
    if (benchmark.file().empty()) complain(path + ".file", "found none, expected the file of the benchmark's texts");
  }
}

}  // namespace harvest::config
