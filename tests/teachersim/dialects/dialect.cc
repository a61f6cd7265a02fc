#include "tests/teachersim/dialects/dialect.h"

#include <cstdio>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/answers/pieces.h"

namespace teachersim {

std::string fingerprint_of(const AnswerShape& shape) {
  if (!shape.fingerprint.empty()) return shape.fingerprint;
  char fingerprint[24];
  std::snprintf(fingerprint, sizeof fingerprint, "fp_%010llx", static_cast<unsigned long long>(mix(shape.seed) >> 24));
  return fingerprint;
}

std::string Dialect::error_in_200(const Trouble& trouble) const {
  return reply(trouble).body;
}

std::string Dialect::error_event(const Trouble& trouble) const {
  std::string body = reply(trouble).body;
  while (body.ends_with('\n')) body.pop_back();
  return sse_event("", body);
}

}  // namespace teachersim
