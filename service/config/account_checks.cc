#include "service/config/account_checks.h"

#include <google/protobuf/util/message_differencer.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "proto/text/mistake.h"

namespace harvest::config {

void check_accounts(const v1::Config& config, const Known& known, const Complain& complain) {
  struct Account {
    int first;
    int stating = -1;  // the first that states limits
  };
  std::map<std::string, Account> accounts;
  for (int i = 0; i < config.teachers_size(); ++i) {
    const v1::Teacher& teacher = config.teachers(i);
    if (teacher.account().empty()) continue;
    Account& account = accounts.emplace(teacher.account(), Account{i}).first->second;
    const v1::Teacher& first = config.teachers(account.first);
    if (known.vendor_of && known.vendor_of(teacher) != known.vendor_of(first))
      complain(absl::StrCat("teachers[", i, "].account"),
               absl::StrCat("found ", text::shown(teacher.account()), ", the account of teacher ", first.name(),
                            " with ", known.vendor_of(first), ", but this teacher is served by ",
                            known.vendor_of(teacher), "; expected an account of its own"));
    if (!teacher.has_limits()) continue;
    if (account.stating < 0) account.stating = i;
    const v1::Teacher& other = config.teachers(account.stating);
    if (google::protobuf::util::MessageDifferencer::Equals(teacher.limits(), other.limits())) continue;
    complain(absl::StrCat("teachers[", i, "].limits"),
             absl::StrCat("found other limits than teacher ", other.name(), " states for the account ",
                          text::shown(teacher.account()), ", which both share; expected them stated once, or alike"));
  }
}

}  // namespace harvest::config
