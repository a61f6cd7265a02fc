#pragma once

#include <optional>
#include <string>

#include "service/dialect/json_body.h"

namespace harvest::dialect {

/// A vendor's error body, read tolerantly: `{"error":{…}}` (OpenAI, vLLM, Groq), `{"error":"…","error_type":"…"}` (TGI,
/// Ollama), flat `{"object":"error","message":…}` (SGLang, older vLLM, Mistral), `{"detail":…}` (FastAPI), or text.
struct VendorError {
  std::string code;  ///< as the vendor spells it; empty where it is only a number
  std::string type;
  std::string message;          ///< raw; see vendor_words()
  std::optional<int> number;    ///< a numeric code: the HTTP status that the vendor means
  bool content_filter = false;  ///< the prompt itself was refused (Azure, OpenRouter moderation)

  /// The name to report: code, else type, else http_STATUS.
  std::string name(int status) const;
};

/// `object` is the body's top level.
VendorError read_vendor_error(const simdjson::dom::object& object);
/// For a body that is no JSON object.
VendorError read_vendor_error(std::string_view text);

}  // namespace harvest::dialect
