#include "client/s3/bucket.h"

#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/corpus/digest.h"

namespace harvest::s3 {
namespace {

constexpr int kTries = 5;
constexpr std::chrono::milliseconds kFirstPause{500};  // doubled each time: 7.5 s in all

/// 409 is S3's word for two puts at once.
bool is_busy(int status) {
  return status == 408 || status == 409 || status == 429 || status >= 500;
}

ObjectFacts facts_of(const Reply& reply) {
  ObjectFacts facts;
  facts.etag = reply.header("etag");
  facts.sha256 = reply.header("x-amz-meta-sha256");
  if (!absl::SimpleAtoi(reply.header("content-length"), &facts.bytes)) {
    facts.bytes = reply.body.size();
  }
  return facts;
}

std::string condition_header(const Condition& condition) {
  return condition.if_match.empty() ? "If-None-Match: *" : absl::StrCat("If-Match: ", condition.if_match);
}

}  // namespace

Bucket::Bucket(Wire& wire, std::string name)
    : Bucket(wire, std::move(name), [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }) {}

Bucket::Bucket(Wire& wire, std::string name, Pause pause)
    : wire_(wire), name_(std::move(name)), pause_(std::move(pause)) {}

absl::StatusOr<Reply> Bucket::ask(const Request& request) {
  std::chrono::milliseconds pause = kFirstPause;
  for (int attempt = 1;; ++attempt, pause *= 2) {
    auto reply = wire_.send(request);
    const bool again =
        reply.ok() ? is_busy(reply->status) && reply->status != 501 : absl::IsUnavailable(reply.status());
    if (!again || attempt == kTries) {
      return reply;
    }
    pause_(pause);
  }
}

absl::StatusOr<Reply> Bucket::expect(const Request& request) {
  auto reply = ask(request);
  if (reply.ok() && (reply->status < 200 || reply->status > 299)) {
    return refusal(request, *reply);
  }
  return reply;
}

absl::Status Bucket::refusal(const Request& request, const Reply& reply) const {
  const ErrorAnswer error = error_answer(reply.body);
  const std::string place = absl::StrCat("s3://", name_, request.key.empty() ? "" : "/", request.key);
  const auto message = [&](const std::string& expected) {
    return absl::StrCat("the bucket refuses ", request.method, " ", place, ": found HTTP status ", reply.status, " ",
                        error.code.empty() ? "without an error code" : error.code,
                        error.message.empty() ? "" : absl::StrCat(" (", error.message, ")"), ", expected ", expected);
  };
  if (reply.status == 401 || reply.status == 403 || error.code == "ExpiredToken" || error.code == "InvalidToken") {
    return absl::PermissionDeniedError(
        message("keys in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) that may list, read and "
                "write there"));
  }
  if (reply.status == 404) {
    return absl::NotFoundError(message(error.code == "NoSuchBucket" ? "a bucket that is there" : "it to be there"));
  }
  if (reply.status == 412) {
    return absl::AbortedError(message("nobody else to have put it meanwhile"));
  }
  if (const std::string region = reply.header("x-amz-bucket-region");
      !region.empty() && (reply.status == 301 || reply.status == 307 || reply.status == 400)) {
    return absl::FailedPreconditionError(
        message(absl::StrCat("the bucket's own region and endpoint: --region ", region)));
  }
  if (reply.status == 501) {
    return absl::UnimplementedError(message("a bucket that knows conditional puts and uploads in parts"));
  }
  return is_busy(reply.status) ? absl::UnavailableError(message("it to be less busy; push again later"))
                               : absl::FailedPreconditionError(message("a bucket that takes this"));
}

absl::Status Bucket::strange(const Request& request, const absl::Status& status) const {
  return absl::FailedPreconditionError(absl::StrCat("the bucket's answer to ", request.method, " s3://", name_, "/",
                                                    request.key, " is none of S3: ", status.message()));
}

absl::StatusOr<std::optional<ObjectFacts>> Bucket::facts(const std::string& key) {
  const auto reply = expect({"HEAD", key, "", {}});
  if (absl::IsNotFound(reply.status())) {
    return std::nullopt;
  }
  return reply.ok() ? absl::StatusOr<std::optional<ObjectFacts>>(facts_of(*reply)) : reply.status();
}

absl::StatusOr<std::optional<Object>> Bucket::get(const std::string& key) {
  const Request request{"GET", key, "", {}};
  auto reply = ask(request);
  if (reply.ok() && reply->status == 404 && error_answer(reply->body).code == "NoSuchKey") {
    return std::nullopt;
  }
  if (reply.ok() && reply->status != 200) {
    return refusal(request, *reply);
  }
  if (!reply.ok()) {
    return reply.status();
  }
  return Object{facts_of(*reply), std::move(reply->body)};
}

absl::Status Bucket::put(const std::string& key, std::string_view bytes, const std::string& type,
                         const Condition& condition) {
  return expect({"PUT",
                 key,
                 "",
                 {condition_header(condition), absl::StrCat("Content-Type: ", type),
                  absl::StrCat("x-amz-meta-sha256: ", corpus::hex(corpus::sha256(bytes)))},
                 bytes})
      .status();
}

absl::StatusOr<std::string> Bucket::find_upload(const std::string& key) {
  std::string found, next_key, next_id;
  while (true) {
    const std::string marker = next_key.empty() ? "" : absl::StrCat("key-marker=", encode(next_key, false), "&");
    const std::string id_marker = next_key.empty() ? "" : absl::StrCat("&upload-id-marker=", encode(next_id, false));
    const Request request{"GET", "", absl::StrCat(marker, "prefix=", encode(key, false), id_marker, "&uploads="), {}};
    const auto reply = expect(request);
    if (!reply.ok()) {
      return reply.status();
    }
    const auto list = open_uploads(reply->body);
    if (!list.ok()) {
      return strange(request, list.status());
    }
    for (const OpenUpload& upload : list->uploads) {
      found = upload.key == key ? upload.id : found;  // of one key the earlier one comes first
    }
    if (!list->more || list->next_key.empty() || (list->next_key == next_key && list->next_id == next_id)) {
      return found;
    }
    next_key = list->next_key;
    next_id = list->next_id;
  }
}

absl::StatusOr<std::string> Bucket::begin_upload(const std::string& key, const std::string& sha256) {
  const Request request{
      "POST", key, "uploads=", {"Content-Type: application/octet-stream", absl::StrCat("x-amz-meta-sha256: ", sha256)}};
  const auto reply = expect(request);
  if (!reply.ok()) {
    return reply.status();
  }
  auto id = upload_id(reply->body);
  return id.ok() ? id : strange(request, id.status());
}

absl::StatusOr<std::vector<HeldPart>> Bucket::parts(const std::string& key, const std::string& id) {
  std::vector<HeldPart> parts;
  for (uint32_t after = 0;;) {
    const std::string marker = after == 0 ? "" : absl::StrCat("part-number-marker=", after, "&");
    const Request request{"GET", key, absl::StrCat(marker, "uploadId=", encode(id, false)), {}};
    const auto reply = expect(request);
    if (!reply.ok()) {
      return reply.status();
    }
    auto list = held_parts(reply->body);
    if (!list.ok()) {
      return strange(request, list.status());
    }
    parts.insert(parts.end(), list->parts.begin(), list->parts.end());
    if (!list->more || list->next_number <= after) {
      return parts;
    }
    after = list->next_number;
  }
}

absl::StatusOr<HeldPart> Bucket::put_part(const std::string& key, const std::string& id, uint32_t number,
                                          std::string_view bytes) {
  const Request request{"PUT", key, absl::StrCat("partNumber=", number, "&uploadId=", encode(id, false)), {}, bytes};
  const auto reply = expect(request);
  if (!reply.ok()) {
    return reply.status();
  }
  HeldPart part{number, bytes.size(), bare_etag(reply->header("etag"))};
  return part.etag.empty() ? absl::StatusOr<HeldPart>(strange(
                                 request, absl::InvalidArgumentError("found no ETag of the part, expected one")))
                           : part;
}

absl::Status Bucket::complete_upload(const std::string& key, const std::string& id,
                                     const std::vector<HeldPart>& parts) {
  const std::string body = complete_request(parts);
  const Request request{"POST",
                        key,
                        absl::StrCat("uploadId=", encode(id, false)),
                        {"Content-Type: application/xml", "If-None-Match: *"},
                        body};
  auto reply = expect(request);
  if (!reply.ok()) {
    return reply.status();
  }
  // S3 may say 200 first and what went wrong in the body.
  if (!error_answer(reply->body).code.empty()) {
    reply->status = error_answer(reply->body).code == "PreconditionFailed" ? 412 : 500;
    return refusal(request, *reply);
  }
  if (reply->body.find("CompleteMultipartUploadResult") == std::string::npos)
    return strange(request, absl::UnavailableError("found another body, expected a CompleteMultipartUploadResult"));
  return absl::OkStatus();
}

}  // namespace harvest::s3
