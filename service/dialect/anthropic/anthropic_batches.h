#pragma once

#include <string>
#include <string_view>

#include "service/dialect/batch.h"

namespace harvest::dialect {

/// Anthropic's message batches: members go with the batch, whose results are lines under its own path. It keeps no
/// words of ours: a batch is known by its members' names. Every request states the version of the interface.
class AnthropicBatches final : public BatchInterface {
 public:
  BatchLimits limits() const override;
  bool keeps_token() const override { return false; }
  HttpRequest create(const v1::Teacher& teacher, const BatchOrder& order, std::string_view file) const override;
  HttpRequest look(const v1::Teacher& teacher, std::string_view id) const override;
  HttpRequest cancel(const v1::Teacher& teacher, std::string_view id) const override;
  HttpRequest list(const v1::Teacher& teacher, std::string_view page) const override;
  /// By the batch's id: its results_url is a whole address, and the key goes to none but the teacher's own endpoint.
  std::vector<HttpRequest> fetch(const v1::Teacher& teacher, const BatchStanding& standing) const override;

  absl::StatusOr<BatchStanding> read_standing(std::string_view body) const override;
  absl::StatusOr<BatchPage> read_page(std::string_view body, std::string_view page) const override;
  absl::StatusOr<std::vector<BatchResult>> read_results(std::string_view body) const override;
};

}  // namespace harvest::dialect
