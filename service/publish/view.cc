#include "service/publish/view.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/corpus/columns.h"
#include "storage/corpus/dataset_name.h"
#include "storage/corpus/preference.h"
#include "storage/corpus/profile.h"
#include "storage/corpus/shard_format.h"
#include "storage/corpus/where.h"
#include "storage/store/store.h"

namespace harvest::publish {
namespace {

/// Answers to one prompt arrive in different segments: only who looks at all of them can tell them apart.
absl::Status check_preference(corpus::Profile profile, const v1::View& asked) {
  if (profile != corpus::Profile::kPreference) {
    if (asked.prefer().empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("prefer: found \"", asked.prefer(), "\", expected none without the profile preference"));
  }
  if (asked.shards() == 0)
    return absl::InvalidArgumentError(
        "shards: found none, expected a number of shards: the profile preference is made of all samples of a prompt, "
        "which arrive one after the other, so only a snapshot (--shards K) can hold it");
  return corpus::Preference::parse(asked.prefer()).status();
}

/// What is asked for can be made at all.
absl::Status check_asked(const v1::View& asked) {
  const auto profile = corpus::parse_profile(asked.profile());
  if (!profile.ok()) return profile.status();
  if (!asked.format().empty()) {
    const auto format = corpus::parse_format(asked.format());
    if (!format.ok()) return format.status();
    const absl::Status readable = corpus::check_format(*profile, *format);
    if (!readable.ok()) return readable;
  }
  if (asked.complete_only() && asked.shards() > 0)
    return absl::InvalidArgumentError(
        absl::StrCat("complete_only: found true beside shards: ", asked.shards(),
                     ", expected one of them: a snapshot is ordered by a hash, not by submission"));
  const absl::Status preferred = check_preference(*profile, asked);
  if (!preferred.ok()) return preferred;
  if (asked.shards() > kShardsMax)
    return absl::InvalidArgumentError(
        absl::StrCat("shards: found ", asked.shards(), ", expected at most ", kShardsMax));
  const auto where = corpus::Where::parse(asked.where());
  if (!where.ok()) return absl::InvalidArgumentError(absl::StrCat("where: ", where.status().message()));
  for (const size_t column : where->columns())
    if (corpus::kColumns[column].name == "agreement")
      return absl::InvalidArgumentError(
          "where: found agreement, expected columns that are known of a pair by itself: how far samples agree is known "
          "once a view holds them all");
  return absl::OkStatus();
}

bool asks_nothing(const v1::View& view) {
  return view.format().empty() && view.where().empty() && view.profile().empty() && view.shards() == 0 &&
         view.prefer().empty() && !view.complete_only();
}

/// What is asked for is what is fixed, or nothing is asked for.
absl::Status check_fixed(const v1::DatasetRecord& dataset, const v1::View& view, const char* what,
                         const std::string& fixed, const std::string& asked) {
  if (asked.empty() || asked == fixed) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("view ", view.name(), " of dataset ", dataset.name(), " was first published ",
                   fixed.empty() ? absl::StrCat("without a ", what) : absl::StrCat("with the ", what, " ", fixed),
                   ", which fixed it: it cannot be published with ", asked, "; another --view can"));
}

}  // namespace

absl::StatusOr<v1::View> settle_view(const v1::DatasetRecord& dataset, const v1::View& asked) {
  v1::View view = asked;
  if (view.name().empty()) view.set_name(kDefaultView);
  absl::Status status = corpus::check_view_name(view.name());
  if (status.ok()) status = check_asked(view);
  if (!status.ok()) return status;
  if (corpus::Where::parse(view.where())->all()) view.clear_where();
  const v1::ViewRecord* record = store::view_of(dataset, view.name());
  // Of one that was never published nothing is fixed: what failed may be asked for otherwise.
  if (record != nullptr && (record->version() > 0 || asks_nothing(view))) {
    const v1::View& fixed = record->view();
    status = check_fixed(dataset, fixed, "format", fixed.format(), view.format());
    if (status.ok()) status = check_fixed(dataset, fixed, "filter", fixed.where(), view.where());
    if (status.ok()) status = check_fixed(dataset, fixed, "profile", fixed.profile(), view.profile());
    if (status.ok()) status = check_fixed(dataset, fixed, "preference", fixed.prefer(), view.prefer());
    const auto shards = [](const v1::View& of) { return of.shards() > 0 ? absl::StrCat(of.shards()) : std::string(); };
    if (status.ok()) status = check_fixed(dataset, fixed, "number of shards", shards(fixed), shards(view));
    const auto order = [](const v1::View& of) { return of.complete_only() ? "--complete-only" : std::string(); };
    if (status.ok()) status = check_fixed(dataset, fixed, "set order", order(fixed), order(view));
    if (!status.ok()) return status;
    return fixed;
  }
  if (record == nullptr && dataset.views_size() >= kViewsMax)
    return absl::FailedPreconditionError(absl::StrCat("dataset ", dataset.name(), " has ", dataset.views_size(),
                                                      " views, and may have no more: ", view.name(), " is not made"));
  if (view.format().empty())
    view.set_format(std::string(corpus::format_name(corpus::default_format(*corpus::parse_profile(view.profile())))));
  return view;
}

}  // namespace harvest::publish
