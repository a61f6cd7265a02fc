#include "service/quality/labels/language.h"

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

namespace harvest::quality {
namespace {

// More of it tells little more, and costs most of all rules.
constexpr size_t kLookedAtBytes = 640;

}  // namespace

std::optional<std::string> find_language(const Judged& judged) {
  std::string_view text = judged.message.content();
  if (text.size() > kLookedAtBytes) {
    size_t end = kLookedAtBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // no half character
    text = text.substr(0, end);
  }
  if (text.empty()) return std::nullopt;
  const CLD2::CLDHints no_hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
  CLD2::Language top[3];
  int percent[3], text_bytes = 0, valid_bytes = 0;
  double score[3];
  bool reliable = false;
  const CLD2::Language found =
      CLD2::ExtDetectLanguageSummaryCheckUTF8(text.data(), static_cast<int>(text.size()), true, &no_hints, 0, top,
                                              percent, score, nullptr, &text_bytes, &reliable, &valid_bytes);
  if (!reliable || found == CLD2::UNKNOWN_LANGUAGE) return std::nullopt;
  return CLD2::LanguageCode(found);
}

}  // namespace harvest::quality
