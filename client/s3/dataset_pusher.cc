#include "client/s3/dataset_pusher.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "client/cpp/held_version.h"
#include "client/s3/object_upload.h"
#include "storage/corpus/manifest.h"

namespace harvest::s3 {
namespace {

constexpr char kManifest[] = "manifest.json";
constexpr char kManifestType[] = "application/json";

class Pusher {
 public:
  Pusher(Bucket& bucket, const PushPlan& plan) : bucket_(bucket), plan_(plan) {}

  absl::StatusOr<PushReport> push() {
    const auto manifest = corpus::parse_manifest(plan_.manifest);
    if (!manifest.ok()) {
      return manifest.status();
    }
    const auto before = standing(*manifest);
    if (!before.ok()) {
      return before.status();
    }
    report_.version = manifest->version();
    for (const v1::Shard& shard : manifest->shards()) {
      if (plan_.go_on && !plan_.go_on()) {
        return absl::CancelledError("interrupted");
      }
      if (const absl::Status status = put_shard(shard); !status.ok()) {
        return status;
      }
      ++report_.shards;
      report_.rows += shard.rows();
      report_.bytes += shard.bytes();
      if (plan_.on_shard) {
        plan_.on_shard(report_.shards, static_cast<uint64_t>(manifest->shards_size()));
      }
    }
    if (const absl::Status status = put_manifests(manifest->version(), *before); !status.ok()) {
      return status;
    }
    return report_;
  }

 private:
  /// What the bucket holds now, on which this version follows; none: nothing.
  absl::StatusOr<std::optional<Object>> standing(const v1::Manifest& manifest) {
    auto object = bucket_.get(plan_.place.key(kManifest));
    if (!object.ok() || !object->has_value()) {
      return object;
    }
    const auto held = client::HeldVersion::of((*object)->body, plan_.place.text(""), plan_.dataset, plan_.view);
    if (!held.ok()) {
      return held.status();
    }
    const absl::Status follows = plan_.check_follows(*held, manifest);
    return follows.ok() ? object : follows;
  }

  /// Whether a shard stands there. FAILED_PRECONDITION where something else does.
  absl::StatusOr<bool> has(const v1::Shard& shard) {
    const std::string name = absl::StrCat("shards/", shard.path());
    const auto facts = bucket_.facts(plan_.place.key(name));
    if (!facts.ok() || !facts->has_value()) {
      return facts.ok() ? absl::StatusOr<bool>(false) : facts.status();
    }
    if ((*facts)->bytes == shard.bytes() && (*facts)->sha256 == shard.sha256()) {
      return true;
    }
    return absl::FailedPreconditionError(
        absl::StrCat(plan_.place.text(name), ": found an object of ", (*facts)->bytes, " bytes ",
                     (*facts)->sha256.empty() ? "without the SHA-256 that a push notes (x-amz-meta-sha256)"
                                              : absl::StrCat("with SHA-256 ", (*facts)->sha256),
                     ", expected none or one of ", shard.bytes(), " bytes with ", shard.sha256(),
                     "; nothing is overwritten: remove it or push elsewhere"));
  }

  absl::Status put_shard(const v1::Shard& shard) {
    const auto there = has(shard);
    if (!there.ok() || *there) {
      report_.kept += there.ok() ? 1 : 0;
      return there.status();
    }
    const auto path = plan_.bring(shard);
    if (!path.ok()) {
      return path.status();
    }
    const auto uploaded = upload(bucket_, {*path, plan_.place.key(absl::StrCat("shards/", shard.path())),
                                           shard.sha256(), shard.bytes(), plan_.part_bytes, plan_.go_on});
    if (plan_.sent) {
      plan_.sent(*path);
    }
    if (uploaded.ok()) {
      report_.bytes_sent += uploaded->bytes_sent;
      report_.parts_kept += uploaded->parts_kept;
      return absl::OkStatus();
    }
    // Another push may have been quicker, or our own reply was lost: what stands decides.
    if (absl::IsAborted(uploaded.status()) || absl::IsNotFound(uploaded.status())) {
      const auto now = has(shard);
      if (!now.ok() || *now) {
        return now.status();
      }
    }
    return uploaded.status();
  }

  absl::Status put_manifests(uint64_t version, const std::optional<Object>& before) {
    const std::string kept = plan_.place.key(absl::StrCat("manifests/", version, ".json"));
    if (before.has_value() && before->body == plan_.manifest) {
      return absl::OkStatus();
    }
    if (const absl::Status status = put_once(kept, {}); !status.ok()) {
      return status;
    }
    const absl::Status put = put_once(plan_.place.key(kManifest), {before.has_value() ? before->facts.etag : ""});
    report_.manifest_sent = put.ok();
    return put;
  }

  /// Where the condition did not hold, but what stands is this manifest, it is well.
  absl::Status put_once(const std::string& key, const Condition& condition) {
    const absl::Status put = bucket_.put(key, plan_.manifest, kManifestType, condition);
    if (!absl::IsAborted(put)) {
      return put;
    }
    const auto now = bucket_.get(key);
    return now.ok() && now->has_value() && (*now)->body == plan_.manifest ? absl::OkStatus() : put;
  }

  Bucket& bucket_;
  const PushPlan& plan_;
  PushReport report_;
};

}  // namespace

absl::StatusOr<PushReport> push(Bucket& bucket, const PushPlan& plan) {
  return Pusher(bucket, plan).push();
}

}  // namespace harvest::s3
