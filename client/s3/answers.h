#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

/// The XML that S3 answers with, as far as it is needed. INVALID_ARGUMENT where it is no such answer: truncated, of
/// another kind, nested without end.
namespace harvest::s3 {

/// <Error>: a closed word and a sentence.
struct ErrorAnswer {
  std::string code;     ///< "AccessDenied"; empty: the body is no error
  std::string message;  ///< for people, cut to a line's length
};
ErrorAnswer error_answer(const std::string& xml);

/// <InitiateMultipartUploadResult>: the upload's id.
absl::StatusOr<std::string> upload_id(const std::string& xml);

/// An upload in parts that was begun and not ended.
struct OpenUpload {
  std::string key;
  std::string id;
};
struct OpenUploads {
  std::vector<OpenUpload> uploads;
  bool more = false;
  std::string next_key, next_id;  ///< where there are more
};
absl::StatusOr<OpenUploads> open_uploads(const std::string& xml);

/// A part that the bucket has.
struct HeldPart {
  uint32_t number = 0;  ///< from 1
  uint64_t bytes = 0;
  std::string etag;  ///< without its quotes; of a part that is not encrypted its MD5, in hex
};
struct HeldParts {
  std::vector<HeldPart> parts;
  bool more = false;
  uint32_t next_number = 0;
};
absl::StatusOr<HeldParts> held_parts(const std::string& xml);

/// <CompleteMultipartUpload>: the parts that make the object, in order.
std::string complete_request(const std::vector<HeldPart>& parts);

/// "\"abc\"" → "abc".
std::string bare_etag(const std::string& etag);

}  // namespace harvest::s3
