#include "service/publish/dataset_files.h"

#include "absl/strings/str_cat.h"
#include "storage/corpus/atomic_file.h"

namespace harvest::publish {
namespace {

std::string url_list(const v1::Manifest& manifest) {
  std::string urls;
  for (const v1::Shard& shard : manifest.shards()) absl::StrAppend(&urls, "shards/", shard.path(), "\n");
  return urls;
}

bool holds(const std::string& path, std::string_view bytes) {
  const auto read = corpus::read_file(path, bytes.size());
  return read.ok() && *read == bytes;
}

}  // namespace

DatasetFiles::DatasetFiles(const std::string& root, const std::string& name) : directory_(root + '/' + name) {}

std::string DatasetFiles::manifest(uint64_t version) const {
  return absl::StrCat(views(), "/manifest-", version, ".json");
}

absl::Status DatasetFiles::make() const {
  const absl::Status shards_made = corpus::make_directories(shards());
  if (!shards_made.ok()) return shards_made;
  return corpus::make_directories(views());
}

absl::Status DatasetFiles::clean() const {
  for (const std::string& directory : {directory_, shards(), views()}) {
    const absl::Status cleaned = corpus::remove_leftovers(directory);
    if (!cleaned.ok()) return cleaned;
  }
  return absl::OkStatus();
}

bool DatasetFiles::lists(const v1::Manifest& listed, std::string_view json) const {
  return holds(manifest(listed.version()), json) && holds(urls(), url_list(listed)) && holds(manifest(), json);
}

absl::Status DatasetFiles::keep_version(uint64_t version, std::string_view json) const {
  if (holds(manifest(version), json)) return absl::OkStatus();
  return corpus::write_file_atomically(manifest(version), json);
}

absl::Status DatasetFiles::write_listing(const v1::Manifest& listed, std::string_view json) const {
  absl::Status status = keep_version(listed.version(), json);
  if (status.ok()) status = corpus::write_file_atomically(urls(), url_list(listed));
  if (status.ok()) status = corpus::write_file_atomically(manifest(), json);
  return status;
}

}  // namespace harvest::publish
