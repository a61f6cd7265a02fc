#include "client/cpp/prompt_template.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cpp/json_value.h"

namespace harvest::client {
namespace {

using simdjson::dom::element;

/// One step into a value; false where there is no such thing.
bool step(element* value, const std::string& name) {
  simdjson::dom::object object;
  if (value->get(object) == simdjson::SUCCESS) {
    return object.at_key(name).get(*value) == simdjson::SUCCESS;
  }
  simdjson::dom::array list;
  uint64_t index = 0;
  return value->get(list) == simdjson::SUCCESS && absl::SimpleAtoi(name, &index) &&
         list.at(index).get(*value) == simdjson::SUCCESS;
}

}  // namespace

absl::StatusOr<PromptTemplate> PromptTemplate::parse(std::string_view text) {
  const auto wrong = [](const std::string& found) {
    return absl::InvalidArgumentError(
        absl::StrCat("--template: ", found, ", expected a text with {{field}}, like 'Solve: {{question}}'"));
  };
  PromptTemplate made;
  for (;;) {
    const size_t open = text.find("{{");
    Piece piece;
    piece.literal = std::string(text.substr(0, open));
    if (open == std::string_view::npos) {
      if (made.pieces_.empty()) {
        return wrong("found no field");
      }
      made.pieces_.push_back(std::move(piece));
      return made;
    }
    const size_t close = text.find("}}", open);
    if (close == std::string_view::npos) {
      return wrong("found {{ without }}");
    }
    piece.field = std::string(text.substr(open + 2, close - open - 2));
    absl::StripAsciiWhitespace(&piece.field);
    piece.path = absl::StrSplit(piece.field, '.');
    if (std::count(piece.path.begin(), piece.path.end(), "") > 0) {
      return wrong(absl::StrCat("found the field ", text::shown(piece.field)));
    }
    made.pieces_.push_back(std::move(piece));
    text.remove_prefix(close + 2);
  }
}

Wrong PromptTemplate::render(simdjson::dom::object object, std::string* out) const {
  for (const Piece& piece : pieces_) {
    out->append(piece.literal);
    if (piece.path.empty()) {
      continue;
    }
    element value;
    bool is_there = object.at_key(piece.path[0]).get(value) == simdjson::SUCCESS;
    for (size_t i = 1; is_there && i < piece.path.size(); ++i) {
      is_there = step(&value, piece.path[i]);
    }
    if (!is_there || value.is_null()) {
      return text::Mistake{{}, piece.field, "found none, but the template uses this field"};
    }
    if (value.is_string()) {
      out->append(std::string_view(value));
    } else {
      out->append(simdjson::minify(value));
    }
  }
  return std::nullopt;
}

bool PromptTemplate::uses_whole(std::string_view field) const {
  return std::any_of(pieces_.begin(), pieces_.end(), [field](const Piece& piece) { return piece.field == field; });
}

}  // namespace harvest::client
