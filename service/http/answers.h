#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/http/message.h"

namespace harvest::http {

/// The kinds of answers the face gives, as values. Every one carries `nosniff`; none is ever content-coded, because a
/// coded body breaks ranges and checksums of what is already compressed.

/// Made anew for each request: status pages, JSON lists, metrics. Not to be cached.
Response fresh(int status, std::string content_type, std::string body);

/// RFC 9457 problem details. `detail` is text of ours, never a client's.
Response problem(int status, std::string_view detail);

/// Bytes with a known SHA-256: entity tag, digest, preconditions and ranges.
struct Representation {
  std::string content;              ///< the bytes themselves, where there is no `path`
  std::optional<std::string> path;  ///< the file that holds them
  uint64_t bytes = 0;
  std::string sha256;  ///< hex
  std::string content_type;
  bool immutable = false;  ///< this URL will never mean other bytes
};
Response represent(const Request& request, Representation what);

/// By the file's name: application/gzip for .gz, application/zstd, application/jsonlines, application/x-tar, ...
std::string content_type_of(std::string_view file);

}  // namespace harvest::http
