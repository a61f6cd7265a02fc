#pragma once

#include <string>
#include <string_view>

#include "service/dialect/batch.h"

namespace harvest::dialect {

/// Batches of the Developer API: members go with the batch, each with its name beside it; the batch bears our token in
/// its display name. It is one long operation, which holds the results in the end or names the file that does.
class GeminiBatches final : public BatchInterface {
 public:
  BatchLimits limits() const override;
  bool keeps_token() const override { return true; }
  HttpRequest create(const v1::Teacher& teacher, const BatchOrder& order, std::string_view file) const override;
  HttpRequest look(const v1::Teacher& teacher, std::string_view id) const override;
  HttpRequest cancel(const v1::Teacher& teacher, std::string_view id) const override;
  HttpRequest list(const v1::Teacher& teacher, std::string_view page) const override;
  /// The operation once more where it holds the results itself.
  std::vector<HttpRequest> fetch(const v1::Teacher& teacher, const BatchStanding& standing) const override;

  absl::StatusOr<BatchStanding> read_standing(std::string_view body) const override;
  absl::StatusOr<BatchPage> read_page(std::string_view body, std::string_view page) const override;
  absl::StatusOr<std::vector<BatchResult>> read_results(std::string_view body) const override;
};

}  // namespace harvest::dialect
