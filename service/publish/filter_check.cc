#include "service/publish/filter_check.h"

#include "absl/strings/str_cat.h"
#include "service/publish/record_renderer.h"
#include "storage/corpus/filter.h"

namespace harvest::publish {
namespace {

constexpr size_t kPairsPerLook = 256;

}  // namespace

absl::Status check_passes(const store::Store& store, const v1::DatasetRecord& dataset, const std::string& where) {
  auto filter = corpus::Filter::parse(where);
  if (!filter.ok() || filter->all()) return filter.status();
  RecordRenderer renderer(store);
  std::string line;
  for (uint64_t next = 0; next < dataset.pairs();) {
    const auto pairs = store.pairs(dataset.name(), next, kPairsPerLook);
    if (pairs.empty()) break;
    for (const auto& pair : pairs) {
      line.clear();
      const auto readable = renderer.append(pair, line);
      if (!readable.ok()) return readable.status();
      if (*readable && filter->admits(line)) return absl::OkStatus();
    }
    next = pairs.back().sequence + 1;
  }
  return absl::FailedPreconditionError(absl::StrCat("no pair passes the filter ", where, ", of ", dataset.pairs(),
                                                    " that have arrived: nothing is published"));
}

}  // namespace harvest::publish
