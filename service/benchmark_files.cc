#include "service/benchmark_files.h"

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace harvest {
namespace {

void add_texts(const boost::json::value& value, size_t benchmark, quality::BenchmarkList& list) {
  if (const auto* text = value.if_string()) list.add_text(benchmark, {text->data(), text->size()});
  if (const auto* items = value.if_array())
    for (const boost::json::value& item : *items) add_texts(item, benchmark, list);
  if (const auto* object = value.if_object())
    for (const auto& [key, item] : *object) add_texts(item, benchmark, list);
}

void add_line(const std::string& line, size_t benchmark, quality::BenchmarkList& list) {
  if (!line.empty() && (line[0] == '{' || line[0] == '[')) {
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse(line, error);
    if (!error) {
      add_texts(value, benchmark, list);
      return;
    }
  }
  list.add_text(benchmark, line);
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
    const size_t before = list.size();
    for (std::string line; std::getline(file, line);) add_line(line, number, list);
    if (list.size() == before)
      return absl::InvalidArgumentError(absl::StrCat(field, benchmark.file(), " holds no text of ",
                                                     quality::BenchmarkList::kRunWordsLeast,
                                                     " words that no benchmark before it has, expected some"));
  }
  return list;
}

}  // namespace harvest
