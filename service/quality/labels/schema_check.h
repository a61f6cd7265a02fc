#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "service/quality/labels/judged.h"

namespace harvest::quality {

/// Rules `schema_valid` and `schema_invalid`: is a structured output, and is every tool call, what its JSON schema
/// (draft 7, by valijson) admits? A tool that was not offered is not; a plain `json_object` must be an object.
///
/// Schema and text are strangers': usable_schema.h says what of a schema is looked at. Remembers some schemas,
/// compiled; any thread.
class SchemaCheck {
 public:
  SchemaCheck();
  ~SchemaCheck();

  enum class Verdict : uint8_t {
    kUnchecked,  ///< nothing was asked for, refused, too large or too much work, or the schema is beyond us
    kValid,
    kInvalid,
  };
  Verdict check(const Judged& judged) const;

 private:
  struct Schema;
  std::shared_ptr<const Schema> schema_of(const std::string& text) const;
  Verdict check_text(std::string_view text, const std::string& schema) const;
  Verdict check_output(const Judged& judged) const;
  Verdict check_calls(const Judged& judged) const;

  mutable std::mutex mutex_;  // guards schemas_
  mutable absl::flat_hash_map<std::string, std::shared_ptr<const Schema>> schemas_;
};

}  // namespace harvest::quality
