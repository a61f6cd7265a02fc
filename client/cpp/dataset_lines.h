#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/cpp/byte_source.h"
#include "client/cpp/harvest_client.h"

namespace harvest::client {

/// Prompts that are made of pairs already held: "dataset:maths", or "dataset:maths where not refused".
struct DatasetPrompts {
  std::string dataset;
  std::string where;  ///< storage/corpus/where.h; empty: all

  /// Nothing where the text does not begin with "dataset:".
  static std::optional<DatasetPrompts> parse(std::string_view written);
};

/// The pairs of a dataset that pass the filter, as far as they are there now, in their order: a JSON line each. It is
/// the record (storage/corpus/README.md) and, beside its columns, `answer` (the text of the last message), `prompt`
/// (that of the last message of the user) and `fields` (what was kept of the prompt's line). Errors are the service's
/// and come with the first read. The client must outlive it; one owner, one thread.
std::unique_ptr<ByteSource> dataset_lines(HarvestClient& client, const DatasetPrompts& from);

/// The record's line with those three fields. INVALID_ARGUMENT where it is no record. Pure.
absl::StatusOr<std::string> with_answer(const std::string& record_json);

}  // namespace harvest::client
