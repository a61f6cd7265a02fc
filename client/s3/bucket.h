#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/s3/answers.h"
#include "client/s3/place.h"
#include "client/s3/request.h"

namespace harvest::s3 {

/// What a bucket says of an object.
struct ObjectFacts {
  uint64_t bytes = 0;
  std::string etag;    ///< as it was said, with its quotes
  std::string sha256;  ///< hex, as we noted it when it was put (x-amz-meta-sha256); empty: somebody else put it
};

struct Object {
  ObjectFacts facts;
  std::string body;
};

/// How a put is not to go wrong: what stands is never overwritten unseen.
struct Condition {
  std::string if_match;  ///< an etag: only over this; empty: only where nothing stands yet
};

/// A bucket's objects, in words. Every call is tried again with growing pauses where the bucket is busy (429, 5xx, 409)
/// or the connection broke.
///
/// Blocking. A bucket that refuses is named with S3's code: PERMISSION_DENIED (403: keys, rights), NOT_FOUND (no such
/// bucket, object or upload), ABORTED (412: the condition did not hold), FAILED_PRECONDITION (another region, a request
/// that this bucket does not take), UNIMPLEMENTED (501), UNAVAILABLE (busy or away after all tries), CANCELLED.
class Bucket {
 public:
  using Pause = std::function<void(std::chrono::milliseconds)>;
  /// Sleeps between tries.
  Bucket(Wire& wire, std::string name);
  Bucket(Wire& wire, std::string name, Pause pause);

  absl::StatusOr<std::optional<ObjectFacts>> facts(const std::string& key);
  absl::StatusOr<std::optional<Object>> get(const std::string& key);
  /// The hash is noted with the object, and the bucket refuses other bytes.
  absl::Status put(const std::string& key, std::string_view bytes, const std::string& type, const Condition& condition);

  // ---- in parts ----
  /// The latest one of this key that was begun and not ended; empty: none.
  absl::StatusOr<std::string> find_upload(const std::string& key);
  absl::StatusOr<std::string> begin_upload(const std::string& key, const std::string& sha256);
  absl::StatusOr<std::vector<HeldPart>> parts(const std::string& key, const std::string& id);
  absl::StatusOr<HeldPart> put_part(const std::string& key, const std::string& id, uint32_t number,
                                    std::string_view bytes);
  /// Only where nothing stands yet.
  absl::Status complete_upload(const std::string& key, const std::string& id, const std::vector<HeldPart>& parts);

 private:
  absl::StatusOr<Reply> ask(const Request& request);
  /// The reply where it is a good one; else what was refused.
  absl::StatusOr<Reply> expect(const Request& request);
  absl::Status refusal(const Request& request, const Reply& reply) const;
  absl::Status strange(const Request& request, const absl::Status& status) const;

  Wire& wire_;
  std::string name_;
  Pause pause_;
};

}  // namespace harvest::s3
