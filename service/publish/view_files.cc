#include "service/publish/view_files.h"

#include "absl/strings/str_cat.h"
#include "service/publish/view.h"
#include "storage/corpus/atomic_file.h"

namespace harvest::publish {
namespace {

bool holds(const std::string& path, std::string_view bytes) {
  const auto read = corpus::read_file(path, bytes.size());
  return read.ok() && *read == bytes;
}

}  // namespace

ViewFiles::ViewFiles(const std::string& root, const std::string& dataset, const std::string& view)
    : directory_(root + '/' + dataset), view_(view), is_default_(view == kDefaultView) {}

std::string ViewFiles::url_list(const v1::Manifest& manifest) const {
  std::string urls;
  for (const v1::Shard& shard : manifest.shards())
    absl::StrAppend(&urls, is_default_ ? "shards/" : "../../shards/", shard.path(), "\n");
  return urls;
}

std::string ViewFiles::manifest(uint64_t version) const {
  return absl::StrCat(versions(), "/manifest-", version, ".json");
}

absl::Status ViewFiles::make() const {
  const absl::Status shards_made = corpus::make_directories(shards());
  if (!shards_made.ok()) return shards_made;
  return corpus::make_directories(versions());
}

absl::Status ViewFiles::clean() const {
  for (const std::string& directory : {directory_, shards(), versions()}) {
    const absl::Status cleaned = corpus::remove_leftovers(directory);
    if (!cleaned.ok()) return cleaned;
  }
  return absl::OkStatus();
}

bool ViewFiles::lists(const v1::Manifest& listed, std::string_view json) const {
  return holds(manifest(listed.version()), json) && holds(urls(), url_list(listed)) && holds(manifest(), json);
}

absl::Status ViewFiles::keep_version(uint64_t version, std::string_view json) const {
  if (holds(manifest(version), json)) return absl::OkStatus();
  return corpus::write_file_atomically(manifest(version), json);
}

absl::Status ViewFiles::write_listing(const v1::Manifest& listed, std::string_view json) const {
  absl::Status status = keep_version(listed.version(), json);
  if (status.ok()) status = corpus::write_file_atomically(urls(), url_list(listed));
  if (status.ok()) status = corpus::write_file_atomically(manifest(), json);
  return status;
}

}  // namespace harvest::publish
