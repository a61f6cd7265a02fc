#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "service/dialect/batch.h"
#include "service/dialect/raw_json.h"

/// Reading what became of a batch's members: one JSON object each, most often one a line. An answer's own bytes are
/// kept, so that it reads as the same call's answer does online.
namespace harvest::dialect {

/// One of those objects. A string in it is to be read but once.
using ResultObject = raw_json::ondemand::object;

/// The string under this key, or empty.
std::string text_in(ResultObject& object, std::string_view key);
/// The bytes of the object under this key; of a string what it says; else empty.
std::string body_in(ResultObject& object, std::string_view key);
/// The whole number under this key, if there is one.
std::optional<int64_t> number_in(ResultObject& object, std::string_view key);

BatchResult done_member(std::string custom_id, int64_t status, std::string body);
BatchResult member_not_asked(std::string custom_id);

/// What one object says; none where it does not name its member.
using ReadResult = std::optional<BatchResult> (*)(ResultObject& object);

/// One result a line. `id_key`: under which a line names its member. A line that is no JSON costs nobody else: it is
/// an answer that cannot be read where it names its member, else passed over, as is a last line without its end.
/// INVALID_ARGUMENT: there are lines, and none is JSON.
absl::StatusOr<std::vector<BatchResult>> read_result_lines(std::string_view body, std::string_view id_key,
                                                           ReadResult read);

}  // namespace harvest::dialect
