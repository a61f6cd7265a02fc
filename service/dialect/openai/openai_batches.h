#pragma once

#include <string>
#include <string_view>

#include "service/dialect/batch.h"

namespace harvest::dialect {

/// OpenAI's batches: a file of lines goes up (openai_upload), a batch is made of it, and it leaves a file of answers
/// and one of failures. Its key in `metadata` is `harvest_token`. Also the base of Azure's (azure_batches.h).
class OpenAiBatches : public BatchInterface {
 public:
  /// `call`: what its members ask for, as the vendor's lines name it ("/v1/chat/completions").
  explicit OpenAiBatches(std::string_view call) : call_(call) {}

  BatchLimits limits() const override;
  bool keeps_token() const final { return true; }
  std::optional<HttpRequest> upload(const v1::Teacher& teacher, const BatchOrder& order) const final;
  HttpRequest create(const v1::Teacher& teacher, const BatchOrder& order, std::string_view file) const final;
  HttpRequest look(const v1::Teacher& teacher, std::string_view id) const final;
  HttpRequest cancel(const v1::Teacher& teacher, std::string_view id) const final;
  HttpRequest list(const v1::Teacher& teacher, std::string_view page) const final;
  std::vector<HttpRequest> fetch(const v1::Teacher& teacher, const BatchStanding& standing) const final;
  std::vector<HttpRequest> clean_up(const v1::Teacher& teacher, const BatchStanding& standing) const final;

  absl::StatusOr<std::string> read_file(std::string_view body) const final;
  absl::StatusOr<BatchStanding> read_standing(std::string_view body) const final;
  absl::StatusOr<BatchPage> read_page(std::string_view body, std::string_view page) const final;
  absl::StatusOr<std::vector<BatchResult>> read_results(std::string_view body) const final;

 protected:
  /// Where this teacher has its files and batches: `place` begins with a slash.
  virtual std::string path(const v1::Teacher& teacher, std::string_view place) const;
  /// The model that lines must name because the members' own bodies do not.
  virtual std::string_view model_of_lines(const v1::Teacher&) const { return {}; }

 private:
  const std::string_view call_;
};

}  // namespace harvest::dialect
