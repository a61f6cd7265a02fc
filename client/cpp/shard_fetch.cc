#include "client/cpp/shard_fetch.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cpp/curl_access.h"
#include "storage/corpus/digest.h"

namespace harvest::client {
namespace {

constexpr size_t kShardBlockBytes = 1 << 20;
constexpr long kConnectSeconds = 10;
constexpr long kSilenceSeconds = 60;
constexpr int kTries = 3;

struct CloseFile {
  void operator()(FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

absl::Status disk_error(const std::string& path) {
  return absl::ResourceExhaustedError(absl::StrCat(path, ": ", std::strerror(errno)));
}

uint64_t size_of(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 ? static_cast<uint64_t>(facts.st_size) : 0;
}

/// Hex SHA-256 of a file; empty where there is none to read.
std::string sha256_of(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return {};
  }
  corpus::Sha256 hash;
  std::vector<char> block(kShardBlockBytes);
  while (const size_t got = std::fread(block.data(), 1, block.size(), file.get())) {
    hash.add({block.data(), got});
  }
  return std::ferror(file.get()) ? std::string() : corpus::hex(hash.finish());
}

/// Where the body of one response goes.
struct Sink {
  CURL* curl;
  FILE* part;
  uint64_t offset;  // that was asked for
  uint64_t bytes_max;
  uint64_t written = 0;
  uint64_t moved = 0;
  bool begun = false;
  bool wanted = false;  // 200 or 206
  bool disk_failed = false;
};

size_t take(char* data, size_t, size_t size, void* user) {
  Sink& sink = *static_cast<Sink*>(user);
  if (!sink.begun) {
    sink.begun = true;
    long code = 0;
    curl_easy_getinfo(sink.curl, CURLINFO_RESPONSE_CODE, &code);
    sink.wanted = code == 200 || code == 206;
    sink.written = code == 206 ? sink.offset : 0;
    // The whole file comes: what was there of it is not needed.
    if (code == 200 && (ftruncate(fileno(sink.part), 0) != 0 || std::fseek(sink.part, 0, SEEK_SET) != 0)) {
      sink.disk_failed = true;
      return 0;
    }
  }
  sink.moved += size;
  if (!sink.wanted) {
    return size;  // an error page
  }
  sink.written += size;
  if (sink.written > sink.bytes_max) {
    return 0;  // more than the manifest says: the hash cannot match any more
  }
  sink.disk_failed = std::fwrite(data, 1, size, sink.part) != size;
  return sink.disk_failed ? 0 : size;
}

absl::Status check_answer(CURLcode result, const Sink& sink, const ShardFetch& shard) {
  if (sink.disk_failed) {
    return disk_error(shard.path);
  }
  long code = 0;
  curl_easy_getinfo(sink.curl, CURLINFO_RESPONSE_CODE, &code);
  if (sink.wanted && sink.written > sink.bytes_max) {
    return absl::DataLossError(
        absl::StrCat(shard.url, ": found more than the ", shard.bytes, " bytes of the manifest"));
  }
  if (const absl::Status status = check_result(shard.url, result, code); !status.ok()) {
    return status;
  }
  if (code == 200 || code == 206) {
    return absl::OkStatus();
  }
  const std::string message = absl::StrCat(shard.url, ": found HTTP status ", code, ", expected 200 or 206");
  if (code == 416) {
    return absl::OutOfRangeError(message);
  }
  return code == 404 || code == 410 ? absl::NotFoundError(message) : absl::UnavailableError(message);
}

/// One request, from where the part file ends.
absl::StatusOr<uint64_t> download(const ShardFetch& shard, const std::string& part) {
  const File file(std::fopen(part.c_str(), "ab"));
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  if (file == nullptr) {
    return disk_error(part);
  }
  if (curl == nullptr) {
    return absl::InternalError("libcurl cannot be started");
  }
  Sink sink{curl.get(), file.get(), size_of(part), shard.bytes};
  const std::string range = absl::StrCat(sink.offset, "-");
  const std::string if_range = absl::StrCat("If-Range: \"sha256-", shard.sha256, "\"");
  CurlHeaders headers = authorization_header(shard.access);
  if (sink.offset > 0) {
    headers.reset(curl_slist_append(headers.release(), if_range.c_str()));
  }
  curl_easy_setopt(curl.get(), CURLOPT_URL, shard.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, kSilenceSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &sink);
  if (sink.offset > 0) {
    curl_easy_setopt(curl.get(), CURLOPT_RANGE, range.c_str());
  }
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  name_files(curl.get(), shard.access);
  const CURLcode result = curl_easy_perform(curl.get());
  if (std::fflush(file.get()) != 0 || fsync(fileno(file.get())) != 0) {
    return disk_error(part);
  }
  if (const absl::Status status = check_answer(result, sink, shard); !status.ok()) {
    return status;
  }
  return sink.moved;
}

}  // namespace

absl::StatusOr<Fetched> fetch_shard(const ShardFetch& shard) {
  if (size_of(shard.path) == shard.bytes && sha256_of(shard.path) == shard.sha256) {
    return Fetched{true, 0};
  }
  if (const absl::Status status = check_shielded(shard.url, shard.access); !status.ok()) {
    return status;
  }
  const std::string part = shard.path + ".part";
  Fetched fetched;
  absl::Status failure;
  for (int attempt = 1; attempt <= kTries; ++attempt) {
    if (size_of(part) >= shard.bytes && sha256_of(part) != shard.sha256) {
      unlink(part.c_str());  // as long as it should be and wrong: nothing to go on from
    }
    if (sha256_of(part) != shard.sha256) {
      const auto moved = download(shard, part);
      if (!moved.ok()) {
        failure = moved.status();
        if (!absl::IsUnavailable(failure) && !absl::IsOutOfRange(failure)) {
          return failure;
        }
        if (absl::IsOutOfRange(failure)) {
          unlink(part.c_str());
        }
        continue;
      }
      fetched.bytes_moved += *moved;
      if (size_of(part) != shard.bytes || sha256_of(part) != shard.sha256) {
        unlink(part.c_str());
        failure =
            absl::DataLossError(absl::StrCat(shard.url, ": the bytes are not those of the manifest (SHA-256 differs)"));
        continue;
      }
    }
    return std::rename(part.c_str(), shard.path.c_str()) == 0 ? absl::StatusOr<Fetched>(fetched)
                                                              : disk_error(shard.path);
  }
  return failure;
}

}  // namespace harvest::client
