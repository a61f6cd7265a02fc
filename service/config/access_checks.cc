#include "service/config/access_checks.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/text/mistake.h"
#include "service/access/roster.h"
#include "service/config/address.h"
#include "service/config/name.h"

namespace harvest::config {
namespace {

std::string all_roles() {
  return access::Roles::all().text();
}

/// A certificate is of no use without its key, and neither is a CA without both.
void check_tls(const std::string& field, const v1::Tls& tls, const Complain& complain) {
  if (tls.certificate().empty())
    complain(absl::StrCat(field, ".certificate"), "found none, expected a PEM file with the certificate and its chain");
  if (tls.key().empty()) complain(absl::StrCat(field, ".key"), "found none, expected a PEM file with the private key");
}

/// What the face lacks to be reached from elsewhere.
void check_reach(const std::string& face, const std::string& listen, const v1::Tls& tls, bool mutual, bool tokens,
                 const Complain& complain) {
  if (listen.empty() || wrong_listen_address(listen, mutual) || is_loopback_address(listen)) return;
  std::vector<std::string> missing;
  if (tls.certificate().empty() || tls.key().empty())
    missing.push_back(
        absl::StrCat(face, ".tls: { certificate: FILE, key: FILE", mutual ? ", client_ca: FILE }" : " }"));
  else if (mutual && tls.client_ca().empty())
    missing.push_back(absl::StrCat(face, ".tls.client_ca: FILE (whose clients are let in)"));
  if (!tokens) missing.push_back("tokens (`harvestctl tokens new` makes one)");
  if (missing.empty()) return;
  complain(absl::StrCat(face, ".listen"),
           absl::StrCat("found ", text::shown(listen),
                        ", expected a loopback address (127.0.0.1, [::1] or localhost): any other needs ",
                        mutual ? "mTLS" : "TLS", " with tokens; missing: ", absl::StrJoin(missing, "; ")));
}

void check_token(const v1::Token& token, int64_t utc_us, const Complain& complain) {
  if (!access::parse_sha256(token.sha256()).ok())
    complain("sha256",
             "found something that is no SHA-256 (not shown), expected the 64 hexadecimal digits that `harvestctl "
             "tokens new` says; the token itself belongs to its owner alone");
  if (token.roles().empty()) complain("roles", absl::StrCat("found none, expected some of ", all_roles()));
  for (int i = 0; i < token.roles_size(); ++i)
    if (!access::role_named(token.roles(i)))
      complain(absl::StrCat("roles[", i, "]"),
               absl::StrCat("found ", text::shown(token.roles(i)), ", expected one of ", all_roles()));
  if (!token.tenant().empty() && !is_name(token.tenant()))
    complain("tenant", absl::StrCat("found ", text::shown(token.tenant()),
                                    ", expected at most 64 of a-z, 0-9, '.', '_' and '-'"));
  const auto expiry = access::parse_expiry(token.expires_on());
  if (!expiry.ok())
    complain("expires_on", std::string(expiry.status().message()));
  else if (*expiry <= utc_us)
    complain("expires_on", absl::StrCat("found ", token.expires_on(),
                                        ", which is past, expected a later day or the token taken out"));
}

}  // namespace

void check_access(const v1::Config& config, int64_t utc_us, const Complain& complain) {
  if (config.grpc().has_tls()) check_tls("grpc.tls", config.grpc().tls(), complain);
  if (config.http().has_tls()) check_tls("http.tls", config.http().tls(), complain);
  const bool tokens = !config.tokens().empty();
  check_reach("grpc", config.grpc().listen(), config.grpc().tls(), true, tokens, complain);
  check_reach("http", config.http().listen(), config.http().tls(), false, tokens, complain);
  std::map<std::string, int> hashes, names;
  for (int i = 0; i < config.tokens_size(); ++i) {
    const v1::Token& token = config.tokens(i);
    const std::string path = absl::StrCat("tokens[", i, "]");
    const auto wrong = [&](const std::string& field, const std::string& what) {
      complain(absl::StrCat(path, ".", field), what);
    };
    if (!is_name(token.name()))
      wrong("name", token.name().empty() ? "found none, expected the principal's name"
                                         : absl::StrCat("found ", text::shown(token.name()),
                                                        ", expected at most 64 of a-z, 0-9, '.', '_' and '-'"));
    check_token(token, utc_us, wrong);
    const auto [before, fresh] = hashes.emplace(token.sha256(), i);
    if (!fresh && !token.sha256().empty())
      wrong("sha256", absl::StrCat("found the hash of tokens[", before->second, "] too, expected each token once"));
    // One name may have several tokens, an old one and the next; it is one principal all the same.
    const auto [first, is_new] = names.emplace(token.name(), i);
    if (!is_new && config.tokens(first->second).tenant() != token.tenant())
      wrong("tenant", absl::StrCat("found another than tokens[", first->second, "] has for ", text::shown(token.name()),
                                   ", expected one tenant for one name"));
  }
}

}  // namespace harvest::config
