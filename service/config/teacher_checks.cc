#include "service/config/teacher_checks.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/text/mistake.h"
#include "proto/text/near_miss.h"
#include "proto/text/time.h"
#include "proto/text/zone.h"
#include "service/config/address.h"
#include "service/config/defaults.h"
#include "service/config/drift_checks.h"
#include "service/config/name.h"
#include "service/config/price_checks.h"

namespace harvest::config {
namespace {

using text::shown;

constexpr uint64_t kRequestsMax = 100'000'000;
constexpr uint64_t kTokensMax = 1'000'000'000'000;
/// Pacing gives so much away of each window.
constexpr uint64_t kJitterMaxMs = 10'000;

bool is_variable_name(const std::string& name) {
  return !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

/// One of `names`, or what it might have been meant to be.
std::string expected_one_of(const std::string& found, const std::vector<std::string>& names) {
  const std::string meant = found.empty() ? "" : text::near_miss(found, names);
  return absl::StrCat("found ", found.empty() ? "none" : shown(found), ", expected one of ", absl::StrJoin(names, ", "),
                      meant.empty() ? "" : absl::StrCat(": did you mean '", meant, "'?"));
}

void check_dialect(const v1::Teacher& teacher, const Known& known, const Complain& complain) {
  std::vector<std::string> names;
  const Known::Dialect* spoken = nullptr;
  for (const Known::Dialect& dialect : known.dialects) {
    names.push_back(dialect.name);
    if (dialect.name == teacher.dialect()) spoken = &dialect;
  }
  if (spoken == nullptr) return complain("dialect", expected_one_of(teacher.dialect(), names));
  const auto unread = [&](const char* field, const std::string& value) {
    const std::vector<std::string>& fields = spoken->fields;
    if (!value.empty() && std::find(fields.begin(), fields.end(), field) == fields.end())
      complain(field, absl::StrCat("found ", shown(value), ", but the dialect ", teacher.dialect(),
                                   " has no such thing; expected it left out"));
  };
  unread("api_version", teacher.api_version());
  unread("region", teacher.region());
  const std::vector<std::string>& profiles = spoken->profiles;
  if (teacher.profile().empty() || std::find(profiles.begin(), profiles.end(), teacher.profile()) != profiles.end())
    return;
  complain("profile", profiles.empty() ? absl::StrCat("found ", shown(teacher.profile()), ", but the dialect ",
                                                      teacher.dialect(), " has no profiles; expected it left out")
                                       : expected_one_of(teacher.profile(), profiles));
}

void check_who(const v1::Teacher& teacher, const Known& known, const Complain& complain) {
  if (teacher.name().empty()) {
    complain("name", "found none, expected a name");
  } else if (!is_name(teacher.name())) {
    complain("name",
             absl::StrCat("found ", shown(teacher.name()), ", expected at most 64 of a-z, 0-9, '.', '_' and '-'"));
  }
  if (teacher.default_max_output_tokens() > kOutputTokensMax)
    complain("default_max_output_tokens",
             absl::StrCat("found ", teacher.default_max_output_tokens(), ", expected at most ", kOutputTokensMax));
  if (teacher.model().empty()) {
    complain("model", "found none, expected the vendor's name of the model");
  }
  check_dialect(teacher, known, complain);
  if (known.must_state_line)
    if (const std::string why = known.must_state_line(teacher); !why.empty())
      complain(teacher.model_owner().empty() ? "model_owner" : "model_family", why);
}

void check_where(const v1::Teacher& teacher, const Complain& complain) {
  const auto check_url = [&complain](const std::string& field, const std::string& url) {
    if (const auto wrong = wrong_url(url)) {
      complain(field, *wrong);
    }
  };
  if (teacher.endpoint().empty() && teacher.endpoints().empty()) {
    complain("endpoints", "found none, expected endpoints: [URL, …] or endpoint: URL");
  }
  if (!teacher.endpoint().empty()) {
    if (!teacher.endpoints().empty()) {
      complain("endpoint", "found together with endpoints, expected one of the two");
    }
    check_url("endpoint", teacher.endpoint());
  }
  for (int i = 0; i < teacher.endpoints_size(); ++i) {
    const std::string field = absl::StrCat("endpoints[", i, "]");
    check_url(field, teacher.endpoints(i));
    if (std::find(teacher.endpoints().begin(), teacher.endpoints().begin() + i, teacher.endpoints(i)) !=
        teacher.endpoints().begin() + i) {
      complain(field, "found a second time, expected each endpoint once");
    }
  }
  if (!teacher.proxy().empty()) {
    check_url("proxy", teacher.proxy());
  }
}

void check_key(const v1::Secret& key, const Complain& complain) {
  if (key.env().empty() == key.file().empty()) {
    complain("api_key", "expected either { env: NAME } or { file: PATH }");
  }
  // A key pasted where the variable's name belongs is not shown.
  if (!key.env().empty() && !is_variable_name(key.env())) {
    complain("api_key.env",
             "found something that is no name of an environment variable (not shown), expected a name "
             "of letters, digits and '_'");
  }
}

void check_limits(const v1::Limits& limits, const Complain& complain) {
  const uint32_t window = limits.window_seconds();
  if (window != 0 && window != 60 && window != 10 && window != 1) {
    complain("limits.window_seconds", absl::StrCat("found ", window, ", expected 60, 10 or 1"));
  }
  const auto above_zero = [&complain](bool given, uint64_t value, const char* field) {
    if (given && value == 0) {
      complain(absl::StrCat("limits.", field), "found 0, expected at least 1 (leave it out where it is to be learned)");
    }
  };
  // Above these a slip of the keyboard is likelier than such a vendor.
  const auto absurd = [&complain](uint64_t value, uint64_t most, const char* field) {
    if (value > most) {
      complain(absl::StrCat("limits.", field), absl::StrCat("found ", value, ", expected at most ", most));
    }
  };
  absurd(limits.requests_per_minute(), kRequestsMax, "requests_per_minute");
  absurd(limits.requests_per_day(), kRequestsMax * 1440, "requests_per_day");
  absurd(limits.input_tokens_per_minute(), kTokensMax, "input_tokens_per_minute");
  absurd(limits.output_tokens_per_minute(), kTokensMax, "output_tokens_per_minute");
  absurd(limits.tokens_per_minute(), kTokensMax, "tokens_per_minute");
  absurd(limits.concurrency(), kRequestsMax, "concurrency");
  absurd(limits.network_jitter_ms(), kJitterMaxMs, "network_jitter_ms");
  above_zero(limits.has_requests_per_minute(), limits.requests_per_minute(), "requests_per_minute");
  above_zero(limits.has_input_tokens_per_minute(), limits.input_tokens_per_minute(), "input_tokens_per_minute");
  above_zero(limits.has_output_tokens_per_minute(), limits.output_tokens_per_minute(), "output_tokens_per_minute");
  above_zero(limits.has_tokens_per_minute(), limits.tokens_per_minute(), "tokens_per_minute");
  if (limits.has_tokens_per_minute() && (limits.has_input_tokens_per_minute() || limits.has_output_tokens_per_minute()))
    complain(
        "limits.tokens_per_minute",
        "found beside input_tokens_per_minute or output_tokens_per_minute, expected the joint figure or those two");
  if (limits.tokens_are_joint() && (limits.has_input_tokens_per_minute() || limits.has_output_tokens_per_minute()))
    complain("limits.tokens_are_joint",
             "found beside input_tokens_per_minute or output_tokens_per_minute, expected tokens_per_minute, the joint "
             "figure");
  above_zero(limits.has_requests_per_day(), limits.requests_per_day(), "requests_per_day");
  above_zero(limits.has_concurrency(), limits.concurrency(), "concurrency");
  if (absl::TimeZone zone; !text::find_zone(limits.day_zone(), &zone)) {
    complain("limits.day_zone", absl::StrCat("found \"", limits.day_zone(),
                                             "\", expected a name of the time zone database, as America/Los_Angeles"));
  }
}

}  // namespace

void check_rights(const v1::Rights& rights, const Complain& complain) {
  const auto day = [&complain](const std::string& field, const std::string& text) -> std::optional<int64_t> {
    if (text.empty()) {
      return std::nullopt;
    }
    const auto parsed = text::parse_day(text);
    if (!parsed.ok()) {
      complain(field, std::string(parsed.status().message()));
      return std::nullopt;
    }
    return *parsed;
  };
  if (rights.licence().empty()) {
    complain("rights.licence", "found none, expected the licence or terms that the teacher is used under");
  }
  for (int i = 0; i < rights.permits_size(); ++i) {
    if (std::count(rights.permits().begin(), rights.permits().begin() + i, rights.permits(i)) > 0) {
      complain(absl::StrCat("rights.permits[", i, "]"), "found a second time, expected each purpose once");
    }
  }
  const auto reviewed = day("rights.reviewed_on", rights.reviewed_on());
  const auto expires = day("rights.expires_on", rights.expires_on());
  if (reviewed && expires && *expires < *reviewed) {
    complain("rights.expires_on", absl::StrCat("found ", rights.expires_on(), ", expected a day after reviewed_on (",
                                               rights.reviewed_on(), ")"));
  }
  if (rights.version() != 0) {
    complain("rights.version", "is the store's to count, expected it left out");
  }
  if (rights.self_attested()) {
    complain("rights.self_attested", "is the store's to say, expected it left out");
  }
}

void check_teacher(const v1::Teacher& teacher, const Known& known, const Complain& complain) {
  check_who(teacher, known, complain);
  check_where(teacher, complain);
  if (teacher.has_api_key()) {
    check_key(teacher.api_key(), complain);
  }
  if (!teacher.account().empty() && !is_name(teacher.account())) {
    complain("account",
             absl::StrCat("found ", shown(teacher.account()), ", expected at most 64 of a-z, 0-9, '.', '_' and '-'"));
  }
  check_limits(teacher.limits(), complain);
  check_money(teacher, complain);
  if (teacher.has_rights()) {
    check_rights(teacher.rights(), complain);
  }
  check_drift(teacher.drift(), [&complain](const std::string& field, const std::string& what) {
    complain(absl::StrCat("drift.", field), what);
  });
}

}  // namespace harvest::config
