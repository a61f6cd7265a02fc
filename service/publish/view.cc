#include "service/publish/view.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/corpus/shard_format.h"
#include "storage/corpus/where.h"

namespace harvest::publish {
namespace {

constexpr char kDefault[] = "default";

absl::Status not_available(const char* what, const std::string& found, const char* expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " \"", found, "\" is not available in this version; expected ", expected));
}

/// What was asked for is what is fixed, or nothing is asked for.
absl::Status check_fixed(const v1::DatasetRecord& dataset, const char* what, const std::string& fixed,
                         const std::string& asked) {
  if (asked.empty() || asked == fixed) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("dataset ", dataset.name(), " was first published ",
                   fixed.empty() ? absl::StrCat("without a ", what) : absl::StrCat("with the ", what, " ", fixed),
                   ", which fixed it: it cannot be published with ", asked));
}

}  // namespace

bool is_fixed(const v1::DatasetRecord& dataset) {
  return dataset.version() > 0 || dataset.has_view();
}

absl::StatusOr<v1::View> settle_view(const v1::DatasetRecord& dataset, const v1::View& asked) {
  if (!asked.name().empty() && asked.name() != kDefault) return not_available("view", asked.name(), kDefault);
  if (!asked.profile().empty()) return not_available("profile", asked.profile(), "none");
  if (!asked.format().empty()) {
    const auto format = corpus::parse_format(asked.format());
    if (!format.ok()) return format.status();
  }
  const auto where = corpus::Where::parse(asked.where());
  if (!where.ok()) return absl::InvalidArgumentError(absl::StrCat("where: ", where.status().message()));
  if (is_fixed(dataset)) {
    absl::Status fixed = check_fixed(dataset, "format", dataset.view().format(), asked.format());
    if (fixed.ok()) fixed = check_fixed(dataset, "filter", dataset.view().where(), where->all() ? "" : asked.where());
    if (!fixed.ok()) return fixed;
    return dataset.view();
  }
  v1::View view = asked;
  view.set_name(kDefault);
  if (where->all()) view.clear_where();
  if (view.format().empty()) view.set_format(std::string(corpus::format_name(corpus::ShardFormat::kJsonlGz)));
  return view;
}

}  // namespace harvest::publish
