#include "service/rights/alerts.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace harvest::rights {
namespace {

struct Line {
  std::string_view mark;  // in a model's name
  std::string_view owner, family;
};

/// The first mark that a name holds decides, so that open weights under the same owner ("gpt-oss") stand before the
/// line that they are named after, and a distilled model ("deepseek-r1-distill-llama") counts as its teacher's.
constexpr std::array<Line, 31> kLines{{
    {"gpt-oss", "openai", "gpt-oss"},
    {"chatgpt", "openai", "gpt"},
    {"gpt-", "openai", "gpt"},
    {"davinci", "openai", "gpt"},
    {"claude", "anthropic", "claude"},
    {"gemini", "google", "gemini"},
    {"gemma", "google", "gemma"},
    {"deepseek", "deepseek", "deepseek"},
    {"magistral", "mistral", "mistral"},
    {"ministral", "mistral", "mistral"},
    {"mixtral", "mistral", "mistral"},
    {"codestral", "mistral", "mistral"},
    {"devstral", "mistral", "mistral"},
    {"pixtral", "mistral", "mistral"},
    {"mistral", "mistral", "mistral"},
    {"nemotron", "nvidia", "nemotron"},
    {"llama", "meta", "llama"},
    {"qwq", "alibaba", "qwen"},
    {"qwen", "alibaba", "qwen"},
    {"command", "cohere", "command"},
    {"aya", "cohere", "aya"},
    {"grok", "xai", "grok"},
    {"kimi", "moonshot", "kimi"},
    {"glm", "zai", "glm"},
    {"minimax", "minimax", "minimax"},
    {"nova-", "amazon", "nova"},
    {"titan-", "amazon", "titan"},
    {"jamba", "ai21", "jamba"},
    {"granite", "ibm", "granite"},
    {"phi-", "microsoft", "phi"},
    {"olmo", "ai2", "olmo"},
}};

/// o1, o3-mini, o4-mini-2025-04-16: OpenAI's, and too short to be looked for anywhere in a name.
bool is_o_series(std::string_view name) {
  const size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  return name.size() >= 2 && name[0] == 'o' && absl::ascii_isdigit(static_cast<unsigned char>(name[1])) &&
         (name.size() == 2 || name[2] == '-');
}

}  // namespace

ModelLine model_line(const v1::Teacher& teacher) {
  const std::string name = absl::AsciiStrToLower(teacher.model());
  ModelLine line{absl::AsciiStrToLower(teacher.vendor()), name};
  if (is_o_series(name)) line = {"openai", "o"};
  for (const Line& known : kLines) {
    if (!absl::StrContains(name, std::string(known.mark))) continue;
    line = {std::string(known.owner), std::string(known.family)};
    break;
  }
  if (!teacher.model_owner().empty()) line.owner = absl::AsciiStrToLower(teacher.model_owner());
  if (!teacher.model_family().empty()) line.family = absl::AsciiStrToLower(teacher.model_family());
  return line;
}

const v1::RightsAlert* standing_alert(std::span<const v1::RightsAlert> alerts, const v1::Teacher& teacher,
                                      const v1::Use& use) {
  if (use.purpose() != v1::TRAINING || alerts.empty()) return nullptr;
  const ModelLine line = model_line(teacher);
  for (const v1::RightsAlert& alert : alerts)
    if (alert.decision() != v1::LIFTED && line == ModelLine{alert.model_owner(), alert.model_family()}) return &alert;
  return nullptr;
}

absl::Status may_ask_despite(std::span<const v1::RightsAlert> alerts, const v1::Teacher& teacher, const v1::Use& use) {
  const v1::RightsAlert* alert = standing_alert(alerts, teacher, use);
  if (alert == nullptr) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat("may not be asked for training: rights alert ", alert->number(), " on ", alert->model_owner(), " ",
                   alert->model_family(), " (", std::string(cause_name(alert->cause())), " at teacher ",
                   alert->teacher(), ": ", alert->vendor_code(), alert->message().empty() ? "" : ": ", alert->message(),
                   ") is ", alert->decision() == v1::UPHELD ? "upheld" : "undecided",
                   "; whoever answers for the rights decides it: `harvestctl teachers decide ", alert->number(), "`"));
}

std::string_view cause_name(v1::AlertCause cause) {
  switch (cause) {
    case v1::DISTILLATION_REFUSED:
      return "distillation_refused";
    case v1::ACCESS_REVOKED:
      return "access_revoked";
    default:
      return "unspecified";
  }
}

}  // namespace harvest::rights
