#include "tests/teachersim/dialects/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>

#include "tests/teachersim/dialects/header_text.h"

namespace teachersim {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string hex_of(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string sha256(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return {reinterpret_cast<const char*>(digest), sizeof digest};
}

std::string hmac(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest, &size);
  return {reinterpret_cast<const char*>(digest), size};
}

/// "Credential=…, SignedHeaders=…, Signature=…": the value of one.
std::string_view field_of(std::string_view authorization, std::string_view name) {
  const std::string begin = std::string(name) + "=";
  const std::size_t at = authorization.find(begin);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = authorization.substr(at + begin.size());
  return rest.substr(0, rest.find_first_of(", "));
}

/// Percent-encodes what is not unreserved, slashes excepted: on a path that is encoded already, the second time.
std::string encoded_once_more(std::string_view path) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string sorted_query(std::string_view query) {
  std::vector<std::string> pairs = split(query, '&');
  for (std::string& pair : pairs) {
    if (pair.find('=') == std::string::npos) pair += '=';
  }
  std::sort(pairs.begin(), pairs.end());
  std::string joined;
  for (const std::string& pair : pairs) joined += (joined.empty() ? "" : "&") + pair;
  return joined;
}

std::string canonical_request(const Call& call, std::string_view signed_headers) {
  std::string text =
      std::string(call.method) + "\n" + encoded_once_more(call.path) + "\n" + sorted_query(call.query) + "\n";
  for (const std::string& name : split(signed_headers, ';')) text += name + ":" + std::string(call.header(name)) + "\n";
  return text + "\n" + std::string(signed_headers) + "\n" + hex_of(sha256(call.body));
}

}  // namespace

bool is_signed(const Call& call) {
  return call.header("authorization").starts_with(kAlgorithm);
}

bool signature_holds(const Call& call, const std::vector<AwsKey>& keys) {
  const std::string_view authorization = call.header("authorization");
  const std::vector<std::string> scope = split(field_of(authorization, "Credential"), '/');
  const std::string_view signed_headers = field_of(authorization, "SignedHeaders");
  const std::string_view date = call.header("x-amz-date");
  constexpr std::size_t kScopeParts = 5;  // key id, date, region, service, "aws4_request"
  if (scope.size() != kScopeParts || scope[4] != "aws4_request" || !date.starts_with(scope[1])) return false;
  if (signed_headers.find("host") == std::string_view::npos) return false;
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const AwsKey& one) { return one.id == scope[0]; });
  if (key == keys.end()) return false;

  const std::string place = scope[1] + "/" + scope[2] + "/" + scope[3] + "/" + scope[4];
  const std::string to_sign = std::string(kAlgorithm) + "\n" + std::string(date) + "\n" + place + "\n" +
                              hex_of(sha256(canonical_request(call, signed_headers)));
  std::string derived = "AWS4" + key->secret;
  for (std::size_t i = 1; i < kScopeParts; ++i) derived = hmac(derived, scope[i]);
  return hex_of(hmac(derived, to_sign)) == field_of(authorization, "Signature");
}

}  // namespace teachersim
