#include "service/http/routes.h"

#include <algorithm>
#include <charconv>

#include "service/http/answers.h"
#include "service/http/status_page.h"

namespace harvest::http {
namespace {

constexpr char kJson[] = "application/json";
constexpr uint64_t kWaitSecondsMax = 60;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Decimal, from 1, as versions are written: no sign, no leading zero.
std::optional<uint64_t> version_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.starts_with('0')) return std::nullopt;
  return number;
}

/// The number that a query gives a name; nothing where it gives none, or something else.
std::optional<uint64_t> query_number(std::string_view target, std::string_view name) {
  const std::size_t mark = target.find('?');
  std::string_view rest = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view field = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(field.size() + 1, rest.size()));
    if (!field.starts_with(name) || field.substr(name.size(), 1) != "=") continue;
    const std::string_view text = field.substr(name.size() + 1);
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
  }
  return std::nullopt;
}

/// What need not be escaped in a URL's path stays as it is.
std::string escaped(std::string_view segment) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : segment) {
    const unsigned char byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

/// v1/datasets/NAME[/views/VIEW][/versions/N]/FILE
std::optional<Listing> listing_of(const std::vector<std::string>& path) {
  Listing listing{.dataset = path[2], .view = "default"};
  size_t at = 3;
  if (path.size() > at + 2 && path[at] == "views") {
    listing.view = path[at + 1];
    at += 2;
  }
  if (path.size() > at + 2 && path[at] == "versions") {
    listing.version = version_number(path[at + 1]);
    if (!listing.version) return std::nullopt;
    at += 2;
  }
  return path.size() == at + 1 ? std::optional(listing) : std::nullopt;
}

}  // namespace

std::optional<std::vector<std::string>> path_segments(std::string_view target) {
  target = target.substr(0, target.find('?'));
  if (!target.starts_with('/')) return std::nullopt;
  std::vector<std::string> segments;
  if (target == "/") return segments;
  std::string segment;
  for (std::size_t i = 1; i <= target.size(); ++i) {
    if (i == target.size() || target[i] == '/') {
      if (segment.empty() || segment == "." || segment == "..") return std::nullopt;
      segments.push_back(std::move(segment));
      segment.clear();
      continue;
    }
    int byte = static_cast<unsigned char>(target[i]);
    if (target[i] == '%') {
      if (i + 2 >= target.size()) return std::nullopt;
      const int high = hex_digit(target[i + 1]), low = hex_digit(target[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      byte = high * 16 + low;
      i += 2;
    }
    if (byte < 0x20 || byte == 0x7F || byte == '/' || byte == '\\') return std::nullopt;
    segment += static_cast<char>(byte);
  }
  return segments;
}

Response Routes::answer(const Request& request) const {
  Response response = route(request);
  if (request.method == "HEAD") response.send_body = false;
  return response;
}

Response Routes::route(const Request& request) const {
  if (request.host.empty()) return problem(400, "the request names no Host");
  if (!hosts_.allows(request.host)) return problem(421, "the Host is not one of this service's names");
  if (request.method != "GET" && request.method != "HEAD") return problem(405, "this face is read-only");
  const std::optional<std::vector<std::string>> path = path_segments(request.target);
  if (!path) return problem(400, "the path is malformed");

  const std::string_view top = path->empty() ? "/" : std::string_view(path->front());
  if (path->size() <= 1) {
    if (top == "/") {
      Response page = fresh(200, "text/html; charset=utf-8", status_page(sources_.ready().ready));
      page.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
      page.headers.emplace_back("Referrer-Policy", "no-referrer");
      return page;
    }
    if (top == "metrics") {
      if (const auto who = admit(request, access::Page::kMetrics); !who.ok()) return failure(top, who.status());
      return fresh(200, "text/plain; version=0.0.4; charset=utf-8", sources_.metrics());
    }
    if (top == "livez" || top == "healthz") {
      const bool live = !sources_.live || sources_.live();
      return fresh(live ? 200 : 503, kJson, live ? "{\"live\":true}\n" : "{\"live\":false}\n");
    }
    if (top == "readyz") {
      Readiness readiness = sources_.ready();
      return fresh(readiness.ready ? 200 : 503, kJson, std::move(readiness.json) + "\n");
    }
  }
  if (path->size() >= 2 && top == "v1" && (*path)[1] == "datasets") return dataset(request, *path);
  if (path->size() >= 3 && top == "v1" && (*path)[1] == "log") return log(request, *path);
  return problem(404, "there is nothing here");
}

absl::StatusOr<access::Principal> Routes::admit(const Request& request, access::Page page) const {
  if (sources_.admit) return sources_.admit(page, request.authorization);
  return access::Principal{.name = "local", .roles = access::Roles::all()};
}

Response Routes::dataset(const Request& request, const std::vector<std::string>& path) const {
  const bool is_shard = path.size() == 5 && path[3] == "shards";
  const bool is_receipts = path.size() == 4 && path[3] == "receipts";
  const access::Page page = is_shard           ? access::Page::kShard
                            : is_receipts      ? access::Page::kReceipts
                            : path.size() <= 3 ? access::Page::kDatasets
                                               : access::Page::kManifest;
  const auto who = admit(request, page);
  if (!who.ok()) return failure(request.target, who.status());
  if (path.size() == 2) return datasets(request, *who);
  // Another tenant's is as one that there is not.
  if (sources_.sees && !sources_.sees(*who, path[2])) return failure(request.target, absl::NotFoundError(""));
  if (path.size() == 3) {
    absl::StatusOr<std::string> json = sources_.dataset(path[2]);
    if (!json.ok()) return failure(request.target, json.status());
    return fresh(200, kJson, *std::move(json));
  }
  if (is_shard) return shard(request, path[2], path[4], *who);
  if (is_receipts) return receipts(request, path[2]);
  if (std::optional<Listing> listing = listing_of(path)) {
    if (path.back() == "manifest.json") return manifest(request, *listing, *who);
    if (path.back() == "urls.txt") return urls(request, *listing);
  }
  return problem(404, "there is nothing here");
}

Response Routes::datasets(const Request& request, const access::Principal& who) const {
  absl::StatusOr<std::string> json = sources_.datasets(who);
  if (!json.ok()) return failure(request.target, json.status());
  return fresh(200, kJson, *std::move(json));
}

Response Routes::receipts(const Request& request, const std::string& name) const {
  if (!sources_.receipts) return problem(404, "there is nothing here");
  absl::StatusOr<std::string> lines = sources_.receipts(name);
  if (!lines.ok()) return failure(request.target, lines.status());
  return fresh(200, "application/jsonlines", *std::move(lines));
}

/// v1/log/checkpoint and v1/log/tile/…, by the paths of c2sp.org/tlog-tiles.
Response Routes::log(const Request& request, const std::vector<std::string>& path) const {
  const bool entries = path.size() > 3 && path[3] == "entries";
  const auto who = admit(request, entries ? access::Page::kLogEntries : access::Page::kLog);
  if (!who.ok()) return failure(request.target, who.status());
  std::string file = path[2];
  for (size_t i = 3; i < path.size(); ++i) file += "/" + path[i];
  absl::StatusOr<std::string> bytes = sources_.log_file ? sources_.log_file(file) : absl::NotFoundError("no log");
  if (absl::IsNotFound(bytes.status())) return problem(404, "the log has no such file, or not yet");
  if (!bytes.ok()) return failure(request.target, bytes.status());
  if (path.size() == 3) return fresh(200, "text/plain; charset=utf-8", *std::move(bytes));
  Response tile{.status = 200,
                .headers = {{"Content-Type", "application/octet-stream"},
                            {"X-Content-Type-Options", "nosniff"},
                            {"Cache-Control", "public, max-age=31536000, immutable"}}};
  tile.length = bytes->size();
  tile.body = *std::move(bytes);
  return tile;
}

Response Routes::manifest(const Request& request, const Listing& listing, const access::Principal& who) const {
  absl::StatusOr<Document> document = sources_.find_manifest(listing);
  if (!document.ok()) return failure(request.target, document.status());
  const std::optional<uint64_t> after = query_number(request.target, "after");
  if (!listing.version && after && document->version <= *after) {
    Response nothing_new{.status = 204, .headers = {{"Cache-Control", "no-store"}}, .send_body = false};
    const uint64_t seconds = std::min(query_number(request.target, "wait").value_or(0), kWaitSecondsMax);
    if (seconds > 0) nothing_new.wait = std::chrono::seconds(seconds);
    return nothing_new;
  }
  const uint64_t bytes = document->bytes.size();
  Response response = represent(request, {.content = std::move(document->bytes),
                                          .bytes = bytes,
                                          .sha256 = document->sha256,
                                          .content_type = kJson,
                                          .immutable = listing.version.has_value()});
  response.download = Download{.principal = who.name,
                               .tenant = who.tenant,
                               .dataset = listing.dataset,
                               .view = listing.view,
                               .version = document->version};
  return response;
}

Response Routes::urls(const Request& request, const Listing& listing) const {
  const absl::StatusOr<std::vector<std::string>> files = sources_.shard_files(listing);
  if (!files.ok()) return failure(request.target, files.status());
  // The Host is on our list, so it is safe to repeat.
  const std::string base = scheme_ + "://" + request.host + "/v1/datasets/" + escaped(listing.dataset) + "/shards/";
  std::string lines;
  for (const std::string& file : *files) lines += base + escaped(file) + "\n";
  return fresh(200, "text/plain; charset=utf-8", std::move(lines));
}

Response Routes::shard(const Request& request, const std::string& name, const std::string& file,
                       const access::Principal& who) const {
  absl::StatusOr<ShardFile> found = sources_.find_shard(name, file);
  if (!found.ok()) return failure(request.target, found.status());
  Response response = represent(
      request, {.path = std::move(found->path),
                .bytes = found->bytes,
                .sha256 = found->sha256,
                .content_type = found->content_type.empty() ? content_type_of(file) : std::move(found->content_type),
                .immutable = true});
  response.download = Download{.principal = who.name, .tenant = who.tenant, .dataset = name, .shard = file};
  return response;
}

void Routes::tell_sent(const Response& response, uint64_t bytes) const {
  if (!sources_.downloaded || !response.download || !response.send_body || response.status >= 300) return;
  Download download = *response.download;
  download.bytes = bytes;
  download.whole = bytes == response.length;
  sources_.downloaded(download);
}

Response Routes::failure(std::string_view what, const absl::Status& why) const {
  if (absl::IsNotFound(why)) return problem(404, "no such dataset, version or shard");
  const std::string_view words(why.message().data(), why.message().size());
  if (absl::IsUnauthenticated(why)) return problem(401, words);
  if (absl::IsPermissionDenied(why)) return problem(403, words);
  return unavailable(what, why);
}

Response Routes::unavailable(std::string_view what, const absl::Status& why) const {
  if (sources_.report) sources_.report(what, why);
  return problem(503, "this cannot be read just now; try again");
}

}  // namespace harvest::http
