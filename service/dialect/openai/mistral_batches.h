#pragma once

#include <string>
#include <string_view>

#include "service/dialect/batch.h"

namespace harvest::dialect {

/// Mistral's batch jobs: members go with the job, and it leaves a file of answers and one of failures, in OpenAI's
/// lines. Our token is in `metadata`. Pages of the list are numbered.
class MistralBatches final : public BatchInterface {
 public:
  BatchLimits limits() const override;
  bool keeps_token() const override { return true; }
  HttpRequest create(const v1::Teacher& teacher, const BatchOrder& order, std::string_view file) const override;
  HttpRequest look(const v1::Teacher& teacher, std::string_view id) const override;
  HttpRequest cancel(const v1::Teacher& teacher, std::string_view id) const override;
  HttpRequest list(const v1::Teacher& teacher, std::string_view page) const override;
  std::vector<HttpRequest> fetch(const v1::Teacher& teacher, const BatchStanding& standing) const override;
  std::vector<HttpRequest> clean_up(const v1::Teacher& teacher, const BatchStanding& standing) const override;

  absl::StatusOr<BatchStanding> read_standing(std::string_view body) const override;
  absl::StatusOr<BatchPage> read_page(std::string_view body, std::string_view page) const override;
  absl::StatusOr<std::vector<BatchResult>> read_results(std::string_view body) const override;
};

}  // namespace harvest::dialect
