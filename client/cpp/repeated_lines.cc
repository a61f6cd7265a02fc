#include "client/cpp/repeated_lines.h"

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/asked_bytes.h"
#include "client/cpp/progress.h"

namespace harvest::client {

bool RepeatedLines::add(const v1::Prompt& prompt, uint32_t file) {
  asked_.clear();
  append_asked(prompt, asked_);
  const uint64_t hash = absl::Hash<std::string>()(asked_);
  const Line line{file, static_cast<uint32_t>(prompt.line())};
  const auto known = seen_.find(hash);
  if (known == seen_.end()) {
    if (seen_.size() < kLinesMax)
      seen_.emplace(hash, line);
    else
      compared_all_ = false;
    return false;
  }
  if (++count_ == 1) {
    first_ = line;
    first_of_ = known->second;
  }
  return true;
}

std::string RepeatedLines::told(const std::function<std::string(Line)>& name, bool fresh) const {
  if (count_ == 0) return "";
  return absl::StrCat(
      counted(count_, "line"), count_ == 1 ? " repeats" : " repeat", " an earlier one (first: ", name(first_), " as ",
      name(first_of_), "): ",
      fresh ? "--fresh asks and pays for each of them" : "a whole answer serves all of them and is paid for once",
      compared_all_ ? "" : absl::StrCat("; only the first ", kLinesMax, " were compared with"));
}

}  // namespace harvest::client
