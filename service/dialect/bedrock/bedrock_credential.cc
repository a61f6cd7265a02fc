#include "service/dialect/bedrock/bedrock_credential.h"

#include <algorithm>
#include <utility>

#include "service/dialect/bedrock/sigv4.h"

namespace harvest::dialect {
namespace {

constexpr std::string_view kService = "bedrock";

class BedrockSigner final : public RequestSigner {
 public:
  BedrockSigner(std::string_view region, AwsKey key) : region_(region), key_(std::move(key)) {}

  Headers sign(std::string_view method, std::string_view host, std::string_view target, std::string_view body,
               int64_t utc_us) const override {
    const std::string_view region = region_.empty() ? bedrock_region(host) : std::string_view(region_);
    return sigv4_headers(key_, {.region = region, .service = kService}, method, host, target, body, utc_us);
  }

 private:
  std::string region_;
  AwsKey key_;
};

/// The text up to the next `mark`, which is taken off too.
std::string_view take_until(std::string_view& text, char mark) {
  const std::string_view taken = text.substr(0, text.find(mark));
  text.remove_prefix(std::min(text.size(), taken.size() + 1));
  return taken;
}

}  // namespace

Credential bedrock_credential(std::string_view region, std::string_view key) {
  if (key.find(':') == std::string_view::npos)
    return {.header = {"Authorization", "Bearer " + std::string(key)}, .signer = nullptr};
  AwsKey aws;
  aws.id = take_until(key, ':');
  aws.secret = take_until(key, ':');
  aws.session_token = key;
  return {.header = {}, .signer = std::make_shared<BedrockSigner>(region, std::move(aws))};
}

std::string_view bedrock_region(std::string_view host) {
  // Behind the service's name; private endpoints have a name of their own before it, FIPS ones a word behind it.
  std::string_view names = host.substr(0, host.find(':'));
  while (!names.empty())
    if (take_until(names, '.').starts_with("bedrock-runtime")) break;
  const std::string_view region = take_until(names, '.');
  return names.empty() ? std::string_view() : region;  // nothing behind it: no region
}

}  // namespace harvest::dialect
