#include "service/quality/labels/refusal.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"

namespace harvest::quality {
namespace {

constexpr size_t kShortBytesMax = 600;
constexpr size_t kBeginningBytes = 200;

/// In small letters, with a plain apostrophe.
constexpr std::string_view kRefusals[] = {
    "i can't help with",      "i cannot help with",      "i can't assist",
    "i cannot assist",        "i can't provide",         "i cannot provide",
    "i can't comply",         "i cannot comply",         "i can't fulfill",
    "i cannot fulfill",       "i can't create",          "i cannot create",
    "i can't generate",       "i cannot generate",       "i can't do that",
    "i'm unable to",          "i am unable to",          "i'm not able to help",
    "i'm not able to assist", "i won't be able to",      "i must decline",
    "i have to decline",      "i can't share",           "i cannot share",
    "i'm sorry, but i can't", "i'm sorry, but i cannot", "as an ai language model, i can",
};

}  // namespace

std::optional<std::string> find_refusal(const Judged& judged) {
  if (judged.refused) return "vendor";
  const absl::string_view text = absl::StripAsciiWhitespace(judged.message.content());
  if (text.empty() || text.size() > kShortBytesMax) return std::nullopt;
  const std::string beginning =
      absl::AsciiStrToLower(absl::StrReplaceAll(text.substr(0, kBeginningBytes), {{"\u2019", "'"}}));
  for (const std::string_view phrase : kRefusals)
    if (beginning.find(phrase) != std::string::npos) return "phrase";
  return std::nullopt;
}

}  // namespace harvest::quality
