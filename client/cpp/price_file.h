#pragma once

#include <simdjson.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/teacher.pb.h"

namespace harvest::client {

/// A price file in LiteLLM's form: a map of models ("gpt-4o-mini", "azure/gpt-4o-mini"), US dollars per single token.
/// Decimals stay exact up to 15 digits, more than any price has.
class PriceFile {
 public:
  /// NOT_FOUND, INVALID_ARGUMENT name the file.
  static absl::StatusOr<PriceFile> read(const std::string& path);

  /// What the file says of this teacher's model at its vendor: plain prices, batch, service tiers, long inputs.
  /// NOT_FOUND: no entry. INVALID_ARGUMENT: an entry with a hole, or with something that is no price; named.
  absl::StatusOr<v1::Prices> prices_of(const v1::Teacher& teacher) const;

 private:
  struct Document {
    simdjson::dom::parser parser;
    simdjson::dom::object models;
  };

  std::string path_;
  std::unique_ptr<Document> document_;
};

/// 1.5e-07 → "0.15": dollars per token as dollars per million tokens, exactly.
std::string usd_per_mtok(double usd_per_token);

}  // namespace harvest::client
