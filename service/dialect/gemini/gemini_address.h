#pragma once

#include <string>
#include <string_view>

#include "service/dialect/ascii.h"
#include "service/dialect/url_text.h"

namespace harvest::dialect {

/// Where a model's method is (":generateContent"). A model may be named with its "models/" or without.
inline std::string gemini_model_path(std::string_view model, std::string_view method) {
  ascii::consume(model, "models/");
  return "/models/" + percent_encoded(model) + std::string(method);
}

}  // namespace harvest::dialect
