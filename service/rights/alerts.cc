#include "service/rights/alerts.h"

#include <algorithm>
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

/// By a name in lower case.
std::optional<ModelLine> told_by_name(const std::string& name) {
  for (const Line& known : kLines)
    if (absl::StrContains(name, std::string(known.mark)))
      return ModelLine{std::string(known.owner), std::string(known.family)};
  if (is_o_series(name)) return ModelLine{"openai", "o"};
  return std::nullopt;
}

/// What a teacher's vendor says where anybody may run the server: two that say so have nothing else in common, and what
/// one's owner decides is no word of the other's. (Such vendors are told by the dialect's registry.)
bool anybody_runs(const std::string& vendor) {
  constexpr std::array<std::string_view, 6> kServers{"openai_compatible", "vllm", "sglang",
                                                     "llama.cpp",         "tgi",  "ollama"};
  return std::find(kServers.begin(), kServers.end(), absl::AsciiStrToLower(vendor)) != kServers.end();
}

/// Serves models of many owners, also under names of its own ("openrouter/auto").
bool resells(const std::string& vendor) {
  constexpr std::array<std::string_view, 3> kResellers{"openrouter", "together", "groq"};
  return std::find(kResellers.begin(), kResellers.end(), absl::AsciiStrToLower(vendor)) != kResellers.end();
}

/// The alert's model, where its name told no line.
bool is_unknown_model(const v1::RightsAlert& alert) {
  return alert.model_owner() == absl::AsciiStrToLower(alert.vendor()) &&
         alert.model_family() == absl::AsciiStrToLower(alert.model());
}

bool touches(const v1::RightsAlert& alert, const v1::Teacher& teacher) {
  if (model_line(teacher) == ModelLine{alert.model_owner(), alert.model_family()}) return true;
  const bool same_vendor = !alert.vendor().empty() && absl::EqualsIgnoreCase(alert.vendor(), teacher.vendor());
  return same_vendor && !anybody_runs(alert.vendor()) && (is_unknown_model(alert) || !tells_line(teacher));
}

}  // namespace

ModelLine model_line(const v1::Teacher& teacher) {
  const std::string name = absl::AsciiStrToLower(teacher.model());
  ModelLine line = told_by_name(name).value_or(ModelLine{absl::AsciiStrToLower(teacher.vendor()), name});
  if (!teacher.model_owner().empty()) line.owner = absl::AsciiStrToLower(teacher.model_owner());
  if (!teacher.model_family().empty()) line.family = absl::AsciiStrToLower(teacher.model_family());
  return line;
}

bool tells_line(const v1::Teacher& teacher) {
  return (!teacher.model_owner().empty() && !teacher.model_family().empty()) ||
         told_by_name(absl::AsciiStrToLower(teacher.model())).has_value();
}

std::string must_state_line(const v1::Teacher& teacher) {
  const bool named_by_customer = teacher.dialect() == "azure-openai" || absl::StartsWith(teacher.model(), "arn:");
  if (!(named_by_customer || resells(teacher.vendor()) || resells(teacher.profile())) || tells_line(teacher)) return "";
  return absl::StrCat("found none, but the name ", teacher.model(),
                      " does not tell whose model it is; expected model_owner and model_family (such as openai and "
                      "gpt), so that rights alerts on that model reach this teacher");
}

const v1::RightsAlert* standing_alert(std::span<const v1::RightsAlert> alerts, const v1::Teacher& teacher,
                                      const v1::Use& use) {
  if (use.purpose() != v1::TRAINING || alerts.empty()) return nullptr;
  for (const v1::RightsAlert& alert : alerts)
    if (alert.decision() != v1::LIFTED && touches(alert, teacher)) return &alert;
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
