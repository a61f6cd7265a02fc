#include "client/cpp/guard_flag.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "proto/text/mistake.h"

namespace harvest::client {
namespace {

constexpr uint32_t kWindowMin = 20, kWindowMax = 100'000;

absl::Status wrong_guard(const std::string& found, const std::string& expected) {
  return absl::InvalidArgumentError(absl::StrCat("--guard: found ", text::shown(found), ", expected ", expected));
}

/// "20%" or "0.2".
bool read_share(std::string written, double* share) {
  const bool percent = !written.empty() && written.back() == '%';
  if (percent) {
    written.pop_back();
  }
  if (!absl::SimpleAtod(written, share)) {
    return false;
  }
  *share /= percent ? 100 : 1;
  return *share >= 0 && *share <= 1;  // false for what is no number, too
}

bool set_share(const std::string& name, double share, v1::Guard* guard) {
  if (name == "refused") {
    guard->set_refused_max(share);
  } else if (name == "truncated") {
    guard->set_truncated_max(share);
  } else if (name == "empty") {
    guard->set_empty_max(share);
  } else if (name == "duplicate") {
    guard->set_duplicate_max(share);
  } else {
    return false;
  }
  return true;
}

}  // namespace

void GuardFlag::add_to(CLI::App& command) {
  command
      .add_option("--guard", written_,
                  "pause the job when more of its last answers from a teacher are so, like "
                  "refused=20%,truncated=50%,empty=10%,duplicate=30%,window=200; off: whatever they are (default: as "
                  "configured)")
      ->type_name("WHAT=SHARE[,...]|off");
}

absl::Status GuardFlag::read(v1::Guard* guard) const {
  if (written_ == "off") {
    return absl::OkStatus();
  }
  std::set<std::string> named;
  const std::vector<std::string> parts = absl::StrSplit(written_, ',');
  for (const std::string& part : parts) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    const auto& [name, value] = pair;
    if (!named.insert(name).second) {
      return wrong_guard(part, absl::StrCat(name, " once"));
    }
    if (name == "window") {
      uint32_t window = 0;
      if (!absl::SimpleAtoi(value, &window) || window < kWindowMin || window > kWindowMax) {
        return wrong_guard(part, absl::StrCat("window=N with N from ", kWindowMin, " to ", kWindowMax));
      }
      guard->set_window_answers(window);
      continue;
    }
    double share = 0;
    if (v1::Guard unused; !set_share(name, share, &unused)) {
      return wrong_guard(part, "refused, truncated, empty, duplicate or window, each with a value; or off alone");
    }
    if (!read_share(value, &share)) {
      return wrong_guard(part, absl::StrCat(name, "=SHARE with a share from 0% to 100%, like ", name, "=20%"));
    }
    set_share(name, share, guard);
  }
  return absl::OkStatus();
}

template <typename Message>
absl::Status GuardFlag::put(Message* message) const {
  if (!any()) {
    return absl::OkStatus();
  }
  v1::Guard guard;
  if (absl::Status status = read(&guard); !status.ok()) {
    return status;
  }
  *message->mutable_guard() = guard;
  return absl::OkStatus();
}

template absl::Status GuardFlag::put(v1::Job*) const;
template absl::Status GuardFlag::put(v1::RetuneJobRequest*) const;

std::string guard_text(const v1::Guard& guard) {
  std::vector<std::string> parts;
  const auto add = [&parts](const char* name, double share) {
    if (share > 0) {
      parts.push_back(absl::StrFormat("%s=%.4g%%", name, share * 100));
    }
  };
  add("refused", guard.refused_max());
  add("truncated", guard.truncated_max());
  add("empty", guard.empty_max());
  add("duplicate", guard.duplicate_max());
  if (!parts.empty() && guard.window_answers() > 0) {
    parts.push_back(absl::StrCat("window=", guard.window_answers()));
  }
  return absl::StrJoin(parts, ",");
}

}  // namespace harvest::client
