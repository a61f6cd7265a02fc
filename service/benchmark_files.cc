#include "service/benchmark_files.h"

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace harvest {
namespace {

/// How many texts were long enough.
size_t add_texts(const boost::json::value& value, size_t benchmark, quality::BenchmarkList& list) {
  size_t added = 0;
  if (const auto* text = value.if_string()) added += list.add_text(benchmark, {text->data(), text->size()});
  if (const auto* items = value.if_array())
    for (const boost::json::value& item : *items) added += add_texts(item, benchmark, list);
  if (const auto* object = value.if_object())
    for (const auto& [key, item] : *object) added += add_texts(item, benchmark, list);
  return added;
}

size_t add_line(const std::string& line, size_t benchmark, quality::BenchmarkList& list) {
  if (!line.empty() && (line[0] == '{' || line[0] == '[')) {
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse(line, error);
    if (!error) return add_texts(value, benchmark, list);
  }
  return list.add_text(benchmark, line);
}

}  // namespace

absl::StatusOr<quality::BenchmarkList> read_benchmarks(const v1::QualityOptions& options) {
  quality::BenchmarkList list;
  for (int i = 0; i < options.benchmarks_size(); ++i) {
    const v1::Benchmark& benchmark = options.benchmarks(i);
    const std::string field = absl::StrCat("quality.benchmarks[", i, "].file: ");
    errno = 0;
    std::ifstream file(benchmark.file());
    if (!file.is_open())
      return absl::InvalidArgumentError(
          absl::StrCat(field, benchmark.file(), " cannot be read: ", std::strerror(errno)));
    const size_t number = list.add_benchmark(benchmark.name());
    size_t added = 0;
    for (std::string line; std::getline(file, line);) added += add_line(line, number, list);
    if (added == 0)
      return absl::InvalidArgumentError(absl::StrCat(field, benchmark.file(), " holds no text of ",
                                                     quality::BenchmarkList::kRunWordsLeast, " words, expected some"));
  }
  return list;
}

}  // namespace harvest
