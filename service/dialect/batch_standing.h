#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "service/dialect/batch.h"
#include "service/dialect/json_body.h"

/// Reading how a batch stands: the parts that vendors share.
namespace harvest::dialect {

/// A vendor's word for a stage. Words that are not listed are of batches that still run.
struct StageWord {
  std::string_view word;
  BatchStanding::Stage stage;
};
BatchStanding::Stage stage_of(std::string_view word, std::span<const StageWord> words);

/// A whole number, also in quotes; 0 where there is none.
uint64_t count_at(const simdjson::dom::object& object, std::string_view key);
/// Unix time in seconds → µs; 0 where there is none.
int64_t unix_time_at(const simdjson::dom::object& object, std::string_view key);
/// RFC 3339 → µs; 0 where there is none.
int64_t date_at(const simdjson::dom::object& object, std::string_view key);
/// `{"code", "message", "line"}`, made fit for a log. `status`: that the same words would have come with online; what
/// is wrong with a batch is wrong with its requests.
BatchStanding::Complaint complaint_in(const simdjson::dom::object& error, int status = 400);

/// The last step: what the vendor calls failed has ended if it left results, or counts any as `answered`.
void settle(BatchStanding& standing, uint64_t answered = 0);

/// What one object says; without an id it is no batch.
using ReadStanding = BatchStanding (*)(const simdjson::dom::object& object);
absl::StatusOr<BatchStanding> read_one_standing(std::string_view body, ReadStanding read);
/// A page under `data` whose last one names what comes after it, where it `has_more`.
absl::StatusOr<BatchPage> read_after_last(std::string_view body, ReadStanding read);
/// The list under this key. That it is missing is an error: who looks for a batch must not take it for "there is none".
absl::StatusOr<BatchPage> read_standings(const simdjson::dom::object& body, std::string_view list_key,
                                         ReadStanding read);

}  // namespace harvest::dialect
