#include "service/http/answers.h"

#include "absl/strings/escaping.h"
#include "service/http/byte_range.h"
#include "service/http/conditional.h"

namespace harvest::http {
namespace {

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 416:
      return "Range Not Satisfiable";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Service Unavailable";
  }
}

/// Texts of ours may name what a configuration names: nothing that ends a JSON string.
std::string in_json(std::string_view detail) {
  std::string text(detail);
  for (char& c : text) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) c = '\'';
  }
  return text;
}

/// RFC 9530: of the whole representation, whatever part of it is sent.
std::string digest_of(const std::string& sha256_hex) {
  return "sha-256=:" + absl::Base64Escape(absl::HexStringToBytes(sha256_hex)) + ":";
}

}  // namespace

Response fresh(int status, std::string content_type, std::string body) {
  Response response{.status = status};
  response.headers = {
      {"Content-Type", std::move(content_type)}, {"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  response.length = body.size();
  response.body = std::move(body);
  return response;
}

Response problem(int status, std::string_view detail) {
  std::string body = R"({"type":"about:blank","title":")";
  body.append(title_of(status)).append(R"(","status":)").append(std::to_string(status));
  body.append(R"(,"detail":")").append(in_json(detail)).append("\"}\n");
  Response response = fresh(status, "application/problem+json", std::move(body));
  if (status == 503) response.headers.emplace_back("Retry-After", "5");
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (status == 405) response.headers.emplace_back("Allow", "GET, HEAD");
  return response;
}

Response represent(const Request& request, Representation what) {
  const std::string etag = etag_of(what.sha256);
  const auto describe = [&](Response& response) {
    response.headers.emplace_back("ETag", etag);
    response.headers.emplace_back("Cache-Control", what.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  };
  // In the order of RFC 9110, section 13.2.2.
  if (!request.if_match.empty() && !lists_etag_strongly(request.if_match, etag)) {
    return problem(412, "these are other bytes than If-Match names");
  }
  Response response;
  if (!request.if_none_match.empty() && lists_etag_weakly(request.if_none_match, etag)) {
    response.status = 304;
    response.send_body = false;
    describe(response);
    return response;
  }
  ByteRange range;
  if (request.method == "GET" && if_range_holds(request.if_range, etag)) range = parse_range(request.range, what.bytes);
  if (range.kind == ByteRange::Kind::kUnsatisfiable) {
    response = problem(416, "the range begins past the end");
    response.headers.emplace_back("Content-Range", "bytes */" + std::to_string(what.bytes));
    return response;
  }
  if (range.kind == ByteRange::Kind::kWhole) {
    range.length = what.bytes;
  } else {
    response.status = 206;
    response.headers.emplace_back("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                                       std::to_string(range.first + range.length - 1) + "/" +
                                                       std::to_string(what.bytes));
  }
  describe(response);
  response.headers.emplace_back("Content-Type", std::move(what.content_type));
  response.headers.emplace_back("Accept-Ranges", "bytes");
  response.headers.emplace_back("Repr-Digest", digest_of(what.sha256));
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.length = range.length;
  if (!what.path) {
    response.body = what.content.substr(range.first, range.length);
  } else {
    response.body = FileSlice{
        .path = *std::move(what.path), .first = range.first, .length = range.length, .file_bytes = what.bytes};
  }
  return response;
}

std::string content_type_of(std::string_view file) {
  if (file.ends_with(".gz")) return "application/gzip";
  if (file.ends_with(".zst")) return "application/zstd";
  if (file.ends_with(".jsonl")) return "application/jsonlines";
  if (file.ends_with(".json")) return "application/json";
  if (file.ends_with(".tar")) return "application/x-tar";
  if (file.ends_with(".parquet")) return "application/vnd.apache.parquet";
  return "application/octet-stream";
}

}  // namespace harvest::http
