#include "tests/teachersim/batches/batch_clerk.h"

#include "tests/teachersim/dialects/fields.h"

namespace teachersim {

void read_line(BatchLine& line, const Dialect& dialect, const Call& call) {
  line.dialect = &dialect;
  auto outcome = dialect.read(call);
  if (auto* question = std::get_if<std::unique_ptr<Question>>(&outcome)) {
    line.question = std::move(*question);
  } else {
    line.trouble = std::get<Trouble>(std::move(outcome));
  }
}

const Dialect* dialect_for(const BatchRoom& room, std::string_view path) {
  for (const auto& dialect : room.dialects) {
    if (dialect->speaks(path)) return dialect.get();
  }
  return nullptr;
}

boost::json::object object_or_nothing(std::string_view body) {
  return body.empty() ? boost::json::object() : parse_object(body);
}

Reply json_reply(const boost::json::object& body) {
  return {.headers = {}, .body = boost::json::serialize(body), .events = {}};
}

Trouble batch_mistake(std::string message, std::string param) {
  return {Trouble::Kind::kBadRequest, 400, std::move(message), std::move(param), {}};
}

Trouble no_such_batch(std::string_view id) {
  return {Trouble::Kind::kBadRequest, 404, "No batch found with id '" + std::string(id) + "'.", "", {}};
}

}  // namespace teachersim
