#pragma once

#include <boost/json.hpp>

#include "tests/teachersim/dialects/wish.h"

namespace teachersim {

/// A request to …:generateContent or …:streamGenerateContent.
struct GeminiRequest : Wish {
  bool shows_thoughts = false;
  bool array_stream = false;  // streamed without alt=sse: one JSON array
};

/// Reads one as strictly as the vendor: unknown names, figures out of range and schemas without their MIME type are
/// refused. Throws Mistake.
std::unique_ptr<GeminiRequest> read_gemini_request(std::string_view model, const boost::json::object& body,
                                                   const AnswerShape& shape);

}  // namespace teachersim
