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
  const auto bytes = corpus::read_file(directory + "/manifest.json", kManifestBytesMax);
  if (absl::IsNotFound(bytes.status())) {
    return HeldVersion();
  }
  return bytes.ok() ? of(*bytes, directory, dataset, view) : bytes.status();
}

absl::StatusOr<HeldVersion> HeldVersion::of(const std::string& bytes, const std::string& place,
                                            const std::string& dataset, const std::string& view) {
  const auto manifest = corpus::parse_manifest(bytes);
  if (!manifest.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(place, "/manifest.json is no manifest (",
                                                      manifest.status().message(),
                                                      "), expected an empty place or one filled this way before"));
  }
  if (manifest->dataset() != dataset || manifest->view() != view) {
    return absl::FailedPreconditionError(absl::StrCat(place, ": found the dataset ", manifest->dataset(), " (view ",
                                                      manifest->view(), ") in it, expected ", dataset, " (view ", view,
                                                      ") or an empty place"));
  }
  HeldVersion held;
  held.place_ = place;
  held.version_ = manifest->version();
  held.sha256_ = corpus::manifest_sha256(bytes);
  return held;
}

absl::Status HeldVersion::refusal(const std::string& why) const {
  return absl::FailedPreconditionError(
      absl::StrCat(place_, ": holds version ", version_, ", ", why, "; another place can take it"));
}

absl::Status HeldVersion::check_is(const std::string& sha256) const {
  return sha256 == sha256_
             ? absl::OkStatus()
             : refusal(absl::StrCat("manifest ", sha256_, ", and the service's version ", version_, " is ", sha256));
}

absl::Status HeldVersion::check_follows(const v1::Manifest& latest, const std::string& sha256) const {
  if (version_ == 0 || latest.version() > version_ + 1) {
    return absl::OkStatus();
  }
  if (latest.version() < version_) {
    return refusal(absl::StrCat("on which version ", latest.version(), " does not follow"));
  }
  return check_is(latest.version() == version_ ? sha256 : latest.parent_sha256());
}

absl::Status HeldVersion::check_follows(HarvestClient& client, const v1::Manifest& latest,
                                        const std::string& sha256) const {
  if (version_ == 0 || latest.version() <= version_ + 1) {
    return check_follows(latest, sha256);
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
  return check_is(expected);
}

}  // namespace harvest::client
