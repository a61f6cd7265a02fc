#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/chat_fields.h"

namespace harvest::client {

/// 'text with {{field}}': makes a prompt's text of a JSON object. {{a.b}} goes into objects and {{a.0}} into lists;
/// texts stand as they are, other values as JSON. A field that a line does not have, or that is null, is wrong and
/// named. Pure; one may serve many lines.
class PromptTemplate {
 public:
  /// INVALID_ARGUMENT: no field at all, an empty one, or {{ without }}.
  static absl::StatusOr<PromptTemplate> parse(std::string_view text);

  Wrong render(simdjson::dom::object object, std::string* out) const;

  /// The field is used as a whole, so that it need not be kept besides.
  bool uses_whole(std::string_view field) const;

 private:
  /// A literal, then the field that follows it (empty path: none, at the end).
  struct Piece {
    std::string literal;
    std::vector<std::string> path;
    std::string field;  ///< as written
  };
  std::vector<Piece> pieces_;
};

}  // namespace harvest::client
