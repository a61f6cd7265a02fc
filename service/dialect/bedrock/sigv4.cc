#include "service/dialect/bedrock/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "service/dialect/url_text.h"
#include "storage/corpus/digest.h"

namespace harvest::dialect {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kEnd = "aws4_request";
constexpr size_t kDayBytes = std::string_view("20150830").size();

corpus::Digest hmac(std::string_view key, std::string_view text) {
  corpus::Digest digest;
  unsigned length = 0;
  [[maybe_unused]] const auto* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
           text.size(), digest.data(), &length);
  assert(done != nullptr && length == digest.size());
  return digest;
}

corpus::Digest hmac(const corpus::Digest& key, std::string_view text) {
  return hmac(std::string_view(reinterpret_cast<const char*>(key.data()), key.size()), text);
}

std::string canonical_path(std::string_view path) {
  std::string out;
  while (true) {
    const size_t slash = path.find('/');
    out += percent_encoded(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    out += '/';
    path.remove_prefix(slash + 1);
  }
}

/// Its fields sorted by name, then by value; a name without a value is given an empty one.
std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string_view, std::string_view>> fields;
  while (!query.empty()) {
    const std::string_view field = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), field.size() + 1));
    const size_t equals = std::min(field.find('='), field.size());
    fields.emplace_back(field.substr(0, equals), field.substr(std::min(equals + 1, field.size())));
  }
  std::sort(fields.begin(), fields.end());
  std::string out;
  for (const auto& [name, value] : fields) out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
  return out;
}

corpus::Digest signing_key(const AwsKey& key, const AwsScope& scope, std::string_view day) {
  return hmac(hmac(hmac(hmac("AWS4" + key.secret, day), scope.region), scope.service), kEnd);
}

}  // namespace

Headers sigv4_headers(const AwsKey& key, const AwsScope& scope, std::string_view method, std::string_view host,
                      std::string_view target, std::string_view body, int64_t utc_us) {
  const std::string time = absl::FormatTime("%Y%m%dT%H%M%SZ", absl::FromUnixMicros(utc_us), absl::UTCTimeZone());
  const std::string_view day = std::string_view(time).substr(0, kDayBytes);

  // What is signed stands in order of its names.
  std::string lines = "host:" + std::string(host) + "\nx-amz-date:" + time + "\n";
  std::string names = "host;x-amz-date";
  if (!key.session_token.empty()) {
    lines += "x-amz-security-token:" + key.session_token + "\n";
    names += ";x-amz-security-token";
  }
  const size_t path_end = std::min(target.find('?'), target.size());
  std::string canonical(method);
  canonical += "\n" + canonical_path(target.substr(0, path_end));
  canonical += "\n" + canonical_query(target.substr(std::min(path_end + 1, target.size())));
  canonical += "\n" + lines + "\n" + names + "\n" + corpus::hex(corpus::sha256(body));

  std::string credential_scope(day);
  credential_scope.append("/").append(scope.region).append("/").append(scope.service).append("/").append(kEnd);
  std::string to_sign(kAlgorithm);
  to_sign += "\n" + time + "\n" + credential_scope + "\n" + corpus::hex(corpus::sha256(canonical));
  const std::string signature = corpus::hex(hmac(signing_key(key, scope, day), to_sign));

  std::string authorization(kAlgorithm);
  authorization += " Credential=" + key.id + "/" + credential_scope;
  authorization += ", SignedHeaders=" + names + ", Signature=" + signature;
  Headers headers{{"X-Amz-Date", time}};
  if (!key.session_token.empty()) headers.emplace_back("X-Amz-Security-Token", key.session_token);
  headers.emplace_back("Authorization", std::move(authorization));
  return headers;
}

}  // namespace harvest::dialect
