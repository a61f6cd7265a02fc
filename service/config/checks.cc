#include "service/config/checks.h"

#include <functional>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/text/mistake.h"
#include "service/config/access_checks.h"
#include "service/config/account_checks.h"
#include "service/config/address.h"
#include "service/config/guard_checks.h"
#include "service/config/quality_checks.h"
#include "service/config/teacher_checks.h"
#include "service/config/tenant_checks.h"
#include "storage/proof/note.h"

namespace harvest::config {
namespace {

/// Complaints about fields that were already found unreadable would repeat themselves: this keeps the first only.
class Gatherer {
 public:
  explicit Gatherer(text::YamlReading* reading) : reading_(*reading) {
    // An unknown field spoils nothing of the mapping around it: what else is wrong there is still to be told.
    for (const text::Mistake& mistake : reading->mistakes) {
      if (!mistake.unknown_field) told_.insert(mistake.field);
    }
  }

  void operator()(const std::string& field, const std::string& what) {
    if (!about_told(field)) {
      reading_.mistakes.push_back({reading_.place_of(field), field, what});
    }
  }

 private:
  /// A field, something around it or something in it was told of already.
  bool about_told(const std::string& field) const {
    for (const std::string& told : told_) {
      if (!told.empty() && is_within(field, told)) {
        return true;
      }
      if (is_within(told, field) && told != field) {
        return true;
      }
    }
    return false;
  }

  static bool is_within(const std::string& inner, const std::string& outer) {
    return absl::StartsWith(inner, outer) &&
           (inner.size() == outer.size() || inner[outer.size()] == '.' || inner[outer.size()] == '[');
  }

  text::YamlReading& reading_;
  std::set<std::string> told_;
};

void check_choice(const std::string& field, const std::string& found, const std::vector<std::string>& choices,
                  Gatherer* complain) {
  if (!found.empty() && std::find(choices.begin(), choices.end(), found) == choices.end()) {
    (*complain)(field, absl::StrCat("found ", text::shown(found), ", expected one of ", absl::StrJoin(choices, ", ")));
  }
}

}  // namespace

void check(const v1::Config& config, const Known& known, text::YamlReading* reading) {
  Gatherer complain(reading);
  const auto check_listen = [&complain](const std::string& field, const std::string& address, bool unix_too) {
    if (address.empty()) {
      return;
    }
    if (const auto wrong = wrong_listen_address(address, unix_too)) {
      complain(field, *wrong);
    }
  };
  check_listen("grpc.listen", config.grpc().listen(), true);
  check_listen("http.listen", config.http().listen(), false);
  check_choice("log.level", config.log().level(), {"debug", "info", "warn", "error"}, &complain);
  check_choice("log.format", config.log().format(), {"json", "text"}, &complain);
  if (!config.log().name().empty() && !proof::is_key_name(config.log().name()))
    complain("log.name", absl::StrCat("found '", config.log().name(),
                                      "', expected a name without spaces and plus signs, as harvest.example/log"));
  const auto check_key = [&complain](const std::string& field, const v1::SigningKey& key) {
    const int places = !key.file().empty() + !key.env().empty() + !key.credential().empty();
    if (places != 1)
      complain(field, absl::StrCat("found ", places, " places of a key, expected file, env or credential"));
  };
  if (config.log().has_key()) check_key("log.key", config.log().key());
  for (int i = 0; i < config.log().retiring_keys_size(); ++i)
    check_key(absl::StrCat("log.retiring_keys[", i, "]"), config.log().retiring_keys(i));
  if (config.harvest().retry_ratio() < 0) {
    complain("harvest.retry_ratio", "found a negative number, expected one from 0");
  }
  for (int i = 0; i < config.harvest().budget_warnings_percent_size(); ++i) {
    const uint32_t percent = config.harvest().budget_warnings_percent(i);
    if (percent == 0 || percent > 100) {
      complain(absl::StrCat("harvest.budget_warnings_percent[", i, "]"),
               absl::StrCat("found ", percent, ", expected 1 to 100"));
    }
  }
  check_guard(config.harvest().guard(), [&complain](const std::string& field, const std::string& what) {
    complain(absl::StrCat("harvest.guard.", field), what);
  });
  if (config.teachers().empty()) {
    complain("teachers", "found none, expected at least one teacher");
  }
  std::map<std::string, int> names;
  for (int i = 0; i < config.teachers_size(); ++i) {
    const v1::Teacher& teacher = config.teachers(i);
    const std::string path = absl::StrCat("teachers[", i, "]");
    check_teacher(teacher, known, [&path, &complain](const std::string& field, const std::string& what) {
      complain(field.empty() ? path : absl::StrCat(path, ".", field), what);
    });
    const auto [before, is_new] = names.emplace(teacher.name(), i);
    if (!is_new && !teacher.name().empty()) {
      complain(absl::StrCat(path, ".name"),
               absl::StrCat("found ", text::shown(teacher.name()), ", the name of teachers[", before->second,
                            "] too, expected a name of its own"));
    }
  }
  check_accounts(config, known, std::ref(complain));
  check_tenants(config, std::ref(complain));
  check_quality(config.quality(), std::ref(complain));
  check_access(config, known.utc_us, std::ref(complain));
}

}  // namespace harvest::config
