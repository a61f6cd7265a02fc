#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "proto/text/time.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/digest.h"

namespace harvest::ctl {
namespace {

/// So many that a hash needs no salt.
constexpr size_t kTokenBytes = 32;

struct TokenFlags {
  std::string name;
  std::vector<std::string> roles;
  std::string tenant;
  std::string expires_on;
  std::string out;
};

/// Into a new file that is its owner's alone.
absl::Status write_secret(const std::string& path, const std::string& token) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", std::strerror(errno), ", expected a file that is new"));
  }
  const std::string line = token + "\n";
  const bool written = write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  return close(file) == 0 && written ? absl::OkStatus()
                                     : absl::ResourceExhaustedError(absl::StrCat(path, ": cannot be written"));
}

int new_token(Session& session, const TokenFlags& flags) {
  if (!flags.expires_on.empty() && !text::parse_day(flags.expires_on).ok() && !text::parse_utc(flags.expires_on).ok()) {
    return session.fail(text::parse_day(flags.expires_on).status());
  }
  const auto bytes = corpus::random_bytes(kTokenBytes);
  if (!bytes.ok()) {
    return session.fail(bytes.status());
  }
  const std::string token = absl::StrCat("hvt_", absl::WebSafeBase64Escape(*bytes));
  const std::string sha256 = corpus::hex(corpus::sha256(token));
  if (!flags.out.empty()) {
    if (const absl::Status status = write_secret(flags.out, token); !status.ok()) {
      return session.fail(status);
    }
  }
  std::string entry =
      absl::StrCat("{ name: ", flags.name, ", sha256: ", sha256, ", roles: [", absl::StrJoin(flags.roles, ", "), "]");
  if (!flags.tenant.empty()) {
    absl::StrAppend(&entry, ", tenant: ", flags.tenant);
  }
  if (!flags.expires_on.empty()) {
    absl::StrAppend(&entry, ", expires_on: \"", flags.expires_on, "\"");
  }
  absl::StrAppend(&entry, " }");
  if (session.json) {
    corpus::JsonObject json;
    json.text("name", flags.name);
    json.text("sha256", sha256);
    json.texts("roles", flags.roles);
    json.text("tenant", flags.tenant);
    json.text("expires_on", flags.expires_on);
    json.text("token", flags.out.empty() ? token : "");
    std::printf("%s\n", json.text().c_str());
    return client::kOk;
  }
  if (flags.out.empty()) {
    session.say("The token, shown this once; its owner keeps it in a file of his own:");
    session.say(token);
  } else {
    session.say(absl::StrCat("The token is in ", flags.out, "."));
  }
  session.say("In the daemon's configuration, which it reads when it starts:");
  session.say("tokens:");
  session.say(absl::StrCat("  - ", entry));
  return client::kOk;
}

}  // namespace

void add_tokens(CLI::App& app, Session& session) {
  auto flags = std::make_shared<TokenFlags>();
  CLI::App& tokens =
      session.command(app, "tokens", "make what lets people and trainers in", "tokens new --name ann --role trainer");
  CLI::App& command =
      session.command(tokens, "new", "a new token, and its entry for the configuration; needs no daemon",
                      "tokens new --name ann --role trainer --expires-on 2027-06-30 --out ann.token",
                      [=, &session] { return new_token(session, *flags); });
  command.add_option("--name", flags->name, "whose it is")->required();
  command
      .add_option("--role", flags->roles, "what its owner may: viewer, submitter, trainer, operator, rights or admin")
      ->required()
      ->delimiter(',')
      ->check(CLI::IsMember({"viewer", "submitter", "trainer", "operator", "rights", "admin"}));
  command.add_option("--tenant", flags->tenant, "for whom (default: default)");
  command.add_option("--expires-on", flags->expires_on,
                     "its last day, YYYY-MM-DD, or an RFC 3339 time (default: never)");
  command.add_option("--out", flags->out, "write the token into this new file instead of showing it");
}

}  // namespace harvest::ctl
