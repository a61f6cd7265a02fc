#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/s3/request.h"
#include "storage/corpus/digest.h"

namespace harvest::s3 {

/// A bucket in memory with conditional puts and uploads in parts, as S3's documentation says it is. Its tags are the
/// first letters of a SHA-256, not MD5: of a bucket that encrypts no part is recognised.
class FakeBucket final : public Wire {
 public:
  struct Stored {
    std::string bytes;
    std::string sha256;  ///< as it was noted
  };

  absl::StatusOr<Reply> send(const Request& request) override {
    asked.push_back(absl::StrCat(request.method, " ", request.key, request.query.empty() ? "" : "?", request.query));
    if (before) {
      if (auto early = before(request); early.status != 0) {
        return early;
      }
    }
    if (request.method == "HEAD" || (request.method == "GET" && request.query.empty())) {
      return read(request);
    }
    if (request.method == "PUT" && request.query.empty()) {
      return write(request, std::string(request.body), header(request, "x-amz-meta-sha256: "));
    }
    return in_parts(request);
  }

  static Reply error(int status, const std::string& code) {
    return {status, {}, absl::StrCat("<Error><Code>", code, "</Code><Message>no</Message></Error>")};
  }

  std::map<std::string, Stored> objects;
  std::map<std::string, std::string> parts;  ///< of the one upload there is, by number
  std::string upload_key, upload_sha256;
  std::vector<std::string> asked;
  std::function<Reply(const Request&)> before;  ///< answers instead, where its status is not 0

 private:
  static std::string header(const Request& request, const std::string& start) {
    for (const std::string& line : request.headers) {
      if (absl::StartsWith(line, start)) {
        return line.substr(start.size());
      }
    }
    return {};
  }
  static std::string tag(const std::string& bytes) {
    return absl::StrCat("\"", corpus::hex(corpus::sha256(bytes)).substr(0, 32), "\"");
  }

  Reply read(const Request& request) const {
    const auto found = objects.find(request.key);
    if (found == objects.end()) {
      return error(404, "NoSuchKey");
    }
    Reply reply{200, {{"etag", tag(found->second.bytes)}, {"x-amz-meta-sha256", found->second.sha256}}, {}};
    reply.headers["content-length"] = absl::StrCat(found->second.bytes.size());
    reply.body = request.method == "GET" ? found->second.bytes : "";
    return reply;
  }

  Reply write(const Request& request, const std::string& bytes, const std::string& sha256) {
    const auto found = objects.find(request.key);
    const std::string match = header(request, "If-Match: ");
    if ((!header(request, "If-None-Match: ").empty() && found != objects.end()) ||
        (!match.empty() && (found == objects.end() || tag(found->second.bytes) != match))) {
      return error(412, "PreconditionFailed");
    }
    objects[request.key] = {bytes, sha256};
    return {200, {{"etag", tag(bytes)}}, {}};
  }

  Reply in_parts(const Request& request) {
    if (request.key.empty()) {
      return {200,
              {},
              absl::StrCat("<ListMultipartUploadsResult>",
                           upload_key.empty()
                               ? ""
                               : absl::StrCat("<Upload><Key>", upload_key, "</Key><UploadId>u</UploadId></Upload>"),
                           "</ListMultipartUploadsResult>")};
    }
    if (request.query == "uploads=") {
      upload_key = request.key;
      upload_sha256 = header(request, "x-amz-meta-sha256: ");
      return {200, {}, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"};
    }
    if (upload_key != request.key) {
      return error(404, "NoSuchUpload");
    }
    if (request.method == "PUT") {
      const std::string number = request.query.substr(11, request.query.find('&') - 11);
      parts[number] = std::string(request.body);
      return {200, {{"etag", tag(parts[number])}}, {}};
    }
    if (request.method == "GET") {
      std::string list = "<ListPartsResult>";
      for (const auto& [number, bytes] : parts) {
        absl::StrAppend(&list, "<Part><PartNumber>", number, "</PartNumber><Size>", bytes.size(), "</Size><ETag>",
                        tag(bytes), "</ETag></Part>");
      }
      return {200, {}, list + "</ListPartsResult>"};
    }
    std::string all;
    for (const auto& [number, bytes] : parts) {
      all += bytes;
    }
    Reply reply = write(request, all, upload_sha256);
    if (reply.status == 200) {
      upload_key.clear();
      parts.clear();
      reply.body = "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>";
    }
    return reply;
  }
};

}  // namespace harvest::s3
