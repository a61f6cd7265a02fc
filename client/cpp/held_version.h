#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cpp/harvest_client.h"

namespace harvest::client {

/// The manifest in a reply. DATA_LOSS where its bytes are not those of its hash; INVALID_ARGUMENT where it is none.
absl::StatusOr<v1::Manifest> checked_manifest(const v1::ManifestReply& reply);

/// The version that a directory or a bucket holds, from an earlier pull or push, and whether another one follows on it.
class HeldVersion {
 public:
  /// FAILED_PRECONDITION: the directory holds something else.
  static absl::StatusOr<HeldVersion> in(const std::string& directory, const std::string& dataset,
                                        const std::string& view);
  /// The same from a manifest's bytes, that lie at `place`, as messages call it.
  static absl::StatusOr<HeldVersion> of(const std::string& bytes, const std::string& place, const std::string& dataset,
                                        const std::string& view);

  uint64_t version() const { return version_; }          ///< 0: none
  const std::string& sha256() const { return sha256_; }  ///< of its manifest, hex
  /// From the latest manifest back, parent by parent as the service has them, to the one that is held.
  /// FAILED_PRECONDITION where they do not lead there: the service's history is not the one that was pulled.
  absl::Status check_follows(HarvestClient& client, const v1::Manifest& latest, const std::string& sha256) const;
  /// As much of that as the two manifests tell alone: nothing older, nothing else under the same number, no other
  /// parent.
  absl::Status check_follows(const v1::Manifest& latest, const std::string& sha256) const;

 private:
  absl::Status refusal(const std::string& why) const;
  absl::Status check_is(const std::string& sha256) const;

  std::string place_;
  uint64_t version_ = 0;
  std::string sha256_;
};

}  // namespace harvest::client
