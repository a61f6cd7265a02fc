#pragma once

#include <string>
#include <string_view>

#include "service/dialect/openai/openai_batches.h"

namespace harvest::dialect {

/// Azure's batches: OpenAI's under other paths. A batch is of one deployment (of kind GlobalBatch), which lines name
/// as their model. One that takes longer than a day goes on.
class AzureBatches final : public OpenAiBatches {
 public:
  AzureBatches() : OpenAiBatches("/chat/completions") {}
  BatchLimits limits() const override;

 protected:
  std::string path(const v1::Teacher& teacher, std::string_view place) const override;
  std::string_view model_of_lines(const v1::Teacher& teacher) const override;
};

}  // namespace harvest::dialect
