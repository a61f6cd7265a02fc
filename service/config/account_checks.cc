#include "service/config/account_checks.h"

#include <google/protobuf/util/message_differencer.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "proto/text/mistake.h"

namespace harvest::config {

void check_accounts(const v1::Config& config, const Complain& complain) {
  std::map<std::string, int> stated_by;
  for (int i = 0; i < config.teachers_size(); ++i) {
    const v1::Teacher& teacher = config.teachers(i);
    if (teacher.account().empty() || !teacher.has_limits()) continue;
    const auto [first, fresh] = stated_by.emplace(teacher.account(), i);
    if (fresh) continue;
    const v1::Teacher& other = config.teachers(first->second);
    if (google::protobuf::util::MessageDifferencer::Equals(teacher.limits(), other.limits())) continue;
    complain(absl::StrCat("teachers[", i, "].limits"),
             absl::StrCat("found other limits than teacher ", other.name(), " states for the account ",
                          text::shown(teacher.account()), ", which both share; expected them stated once, or alike"));
  }
}

}  // namespace harvest::config
