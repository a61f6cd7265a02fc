#include "service/publish/view.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/corpus/shard_format.h"

namespace harvest::publish {
namespace {

constexpr char kDefault[] = "default";

absl::Status not_available(const char* what, const std::string& found, const char* expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " \"", found, "\" is not available in this version; expected ", expected));
}

}  // namespace

absl::StatusOr<v1::View> settle_view(const v1::DatasetRecord& dataset, const v1::View& asked) {
  if (!asked.name().empty() && asked.name() != kDefault) return not_available("view", asked.name(), kDefault);
  if (!asked.where().empty()) return not_available("filter", asked.where(), "none");
  if (!asked.profile().empty()) return not_available("profile", asked.profile(), "none");
  const bool fixed = dataset.version() > 0;
  v1::View view = fixed ? dataset.view() : v1::View();
  view.set_name(kDefault);
  if (view.format().empty()) view.set_format(std::string(corpus::format_name(corpus::ShardFormat::kJsonlGz)));
  if (asked.format().empty()) return view;
  const auto format = corpus::parse_format(asked.format());
  if (!format.ok()) return format.status();
  if (fixed && asked.format() != view.format())
    return absl::FailedPreconditionError(
        absl::StrCat("dataset ", dataset.name(), " was first published as ", view.format(),
                     ", which fixed the format of its view: it cannot be published as ", asked.format()));
  view.set_format(asked.format());
  return view;
}

}  // namespace harvest::publish
