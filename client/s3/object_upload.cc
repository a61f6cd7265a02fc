#include "client/s3/object_upload.h"

#include <openssl/evp.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/s3/part_plan.h"
#include "storage/corpus/digest.h"

namespace harvest::s3 {
namespace {

struct CloseFile {
  void operator()(FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

/// What S3 tags parts with. No promise rests on it but which part need not be sent again. Empty where this machine's
/// OpenSSL has none.
std::string md5_of(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  size_t size = 0;
  return EVP_Q_digest(nullptr, "MD5", nullptr, bytes.data(), bytes.size(), digest, &size) == 1
             ? corpus::hex({digest, size})
             : std::string();
}

absl::Status wrong_file(const Upload& file, const std::string& found) {
  return absl::DataLossError(absl::StrCat(file.path, ": found ", found, ", expected the ", file.bytes,
                                          " bytes with SHA-256 ", file.sha256, " of the manifest"));
}

class Sender {
 public:
  Sender(Bucket& bucket, const Upload& file, FILE* open) : bucket_(bucket), file_(file), open_(open) {}

  absl::StatusOr<Uploaded> send() {
    if (file_.bytes <= file_.part_bytes) {
      return send_whole();
    }
    auto id = bucket_.find_upload(file_.key);
    if (!id.ok()) {
      return id.status();
    }
    std::vector<HeldPart> held;
    if (!id->empty()) {
      auto parts = bucket_.parts(file_.key, *id);
      if (absl::IsNotFound(parts.status())) {
        id->clear();  // ended since it was listed
      } else if (!parts.ok()) {
        return parts.status();
      } else {
        held = *std::move(parts);
      }
    }
    if (id->empty()) {
      id = bucket_.begin_upload(file_.key, file_.sha256);
      if (!id.ok()) {
        return id.status();
      }
    }
    return send_parts(*id, held);
  }

 private:
  absl::StatusOr<Uploaded> send_whole() {
    const auto bytes = read(file_.bytes);
    if (!bytes.ok()) {
      return bytes.status();
    }
    if (const absl::Status status = check_hash(); !status.ok()) {
      return status;
    }
    const absl::Status put = bucket_.put(file_.key, *bytes, "application/octet-stream", {});
    return put.ok() ? absl::StatusOr<Uploaded>(Uploaded{file_.bytes, 0}) : put;
  }

  absl::StatusOr<Uploaded> send_parts(const std::string& id, const std::vector<HeldPart>& held) {
    const PartPlan plan(file_.bytes, file_.part_bytes);
    Uploaded uploaded;
    std::vector<HeldPart> parts;
    for (uint32_t number = 1; number <= plan.count(); ++number) {
      if (file_.go_on && !file_.go_on()) {
        return absl::CancelledError("interrupted");
      }
      const auto bytes = read(plan.bytes(number));
      if (!bytes.ok()) {
        return bytes.status();
      }
      if (const HeldPart* const there = plan.find(held, number, md5_of(*bytes))) {
        parts.push_back(*there);
        ++uploaded.parts_kept;
        continue;
      }
      const auto part = bucket_.put_part(file_.key, id, number, *bytes);
      if (!part.ok()) {
        return part.status();
      }
      parts.push_back(*part);
      uploaded.bytes_sent += bytes->size();
    }
    if (const absl::Status status = check_hash(); !status.ok()) {
      return status;
    }
    const absl::Status complete = bucket_.complete_upload(file_.key, id, parts);
    return complete.ok() ? absl::StatusOr<Uploaded>(uploaded) : complete;
  }

  absl::StatusOr<std::string> read(uint64_t size) {
    std::string bytes(size, '\0');
    const size_t got = std::fread(bytes.data(), 1, size, open_);
    if (std::ferror(open_)) {
      return absl::ResourceExhaustedError(absl::StrCat(file_.path, ": ", std::strerror(errno)));
    }
    if (got != size) {
      return wrong_file(file_, "fewer bytes");
    }
    hash_.add(bytes);
    return bytes;
  }

  /// Once all was read: nothing more is in the file, and it was the right one.
  absl::Status check_hash() {
    if (std::fgetc(open_) != EOF) {
      return wrong_file(file_, "more bytes");
    }
    const std::string found = corpus::hex(hash_.finish());
    return found == file_.sha256 ? absl::OkStatus() : wrong_file(file_, absl::StrCat("SHA-256 ", found));
  }

  Bucket& bucket_;
  const Upload& file_;
  FILE* open_;
  corpus::Sha256 hash_;
};

}  // namespace

absl::StatusOr<Uploaded> upload(Bucket& bucket, const Upload& file) {
  const File open(std::fopen(file.path.c_str(), "rb"));
  if (open == nullptr) {
    const std::string message = absl::StrCat(file.path, ": ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(message) : absl::ResourceExhaustedError(message);
  }
  return Sender(bucket, file, open.get()).send();
}

}  // namespace harvest::s3
