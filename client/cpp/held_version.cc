#include "client/cpp/held_version.h"

#include "absl/strings/str_cat.h"
#include "storage/corpus/atomic_file.h"
#include "storage/corpus/manifest.h"

namespace harvest::client {
namespace {

constexpr size_t kManifestBytesMax = 256 << 20;

}  // namespace

absl::StatusOr<v1::Manifest> checked_manifest(const v1::ManifestReply& reply) {
  if (corpus::manifest_sha256(reply.manifest()) != reply.sha256()) {
    return absl::DataLossError("the manifest's bytes are not those of its SHA-256");
  }
  return corpus::parse_manifest(reply.manifest());
}

absl::StatusOr<HeldVersion> HeldVersion::in(const std::string& directory, const std::string& dataset,
                                            const std::string& view) {
  HeldVersion held;
  held.directory_ = directory;
  const auto bytes = corpus::read_file(directory + "/manifest.json", kManifestBytesMax);
  if (absl::IsNotFound(bytes.status())) {
    return held;
  }
  if (!bytes.ok()) {
    return bytes.status();
  }
  const auto manifest = corpus::parse_manifest(*bytes);
  if (!manifest.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(directory, "/manifest.json is no manifest (",
                                                      manifest.status().message(),
                                                      "), expected an empty directory or one pulled into before"));
  }
  if (manifest->dataset() != dataset || manifest->view() != view) {
    return absl::FailedPreconditionError(absl::StrCat(directory, ": found the dataset ", manifest->dataset(), " (view ",
                                                      manifest->view(), ") in it, expected ", dataset, " (view ", view,
                                                      ") or an empty directory"));
  }
  held.version_ = manifest->version();
  held.sha256_ = corpus::manifest_sha256(*bytes);
  return held;
}

absl::Status HeldVersion::refusal(const std::string& why) const {
  return absl::FailedPreconditionError(
      absl::StrCat(directory_, ": holds version ", version_, ", ", why, "; another directory can take it"));
}

absl::Status HeldVersion::check_follows(HarvestClient& client, const v1::Manifest& latest,
                                        const std::string& sha256) const {
  if (version_ == 0) {
    return absl::OkStatus();
  }
  if (latest.version() < version_) {
    return refusal(absl::StrCat("on which version ", latest.version(), " does not follow"));
  }
  v1::Manifest at = latest;
  std::string expected = sha256;
  while (at.version() > version_) {
    expected = at.parent_sha256();
    if (at.version() - 1 == version_) {
      break;
    }
    const auto reply = client.manifest(at.dataset(), at.view(), at.version() - 1);
    if (!reply.ok()) {
      return reply.status();
    }
    auto before = checked_manifest(*reply);
    if (!before.ok()) {
      return before.status();
    }
    if (reply->sha256() != expected || before->version() + 1 != at.version()) {
      return refusal(absl::StrCat("and the service's version ", at.version() - 1, " is not the one that version ",
                                  at.version(), " grew from"));
    }
    at = *std::move(before);
  }
  if (expected != sha256_) {
    return refusal(absl::StrCat("manifest ", sha256_, ", and the service's version ", version_, " is ", expected));
  }
  return absl::OkStatus();
}

}  // namespace harvest::client
