#include "tests/teachersim/dialects/dialect.h"

#include "tests/teachersim/answers/pieces.h"

namespace teachersim {

std::string Dialect::error_in_200(const Trouble& trouble) const {
  return reply(trouble).body;
}

std::string Dialect::error_event(const Trouble& trouble) const {
  std::string body = reply(trouble).body;
  while (body.ends_with('\n')) body.pop_back();
  return sse_event("", body);
}

}  // namespace teachersim
