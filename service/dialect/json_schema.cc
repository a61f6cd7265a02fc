#include "service/dialect/json_schema.h"

// Else the library ends the process where it meets what is beyond it.
#define VALIJSON_USE_EXCEPTIONS 1

#include <boost/json.hpp>
#include <mutex>
#include <string>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "service/dialect/field_error.h"
#include "service/dialect/meta_schema.h"
#include "storage/corpus/digest.h"

namespace harvest::dialect {
namespace {

namespace json = boost::json;
using valijson::adapters::BoostJsonAdapter;

constexpr size_t kDepthMax = 200;

const valijson::Schema& meta_schema() {
  static const valijson::Schema* const kSchema = [] {
    auto* schema = new valijson::Schema;
    const json::value document = json::parse(kMetaSchema);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(BoostJsonAdapter(document), *schema);
    return schema;
  }();
  return *kSchema;
}

/// `parameters`, ["properties"]["a"]["type"] → parameters.properties.a.type
std::string place_of(std::string_view field, const std::vector<std::string>& context) {
  std::string place(field);
  for (std::string_view step : context) {
    if (step == "<root>") continue;
    if (step.starts_with('[') && step.ends_with(']')) step = step.substr(1, step.size() - 2);
    if (step.starts_with('"') && step.ends_with('"') && step.size() > 1) step = step.substr(1, step.size() - 2);
    place.append(".").append(step);
  }
  return place;
}

absl::Status validate(std::string_view field, std::string_view schema_json) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = kDepthMax;
  const json::value document = json::parse(schema_json, error, {}, options);
  if (error)
    return field_error(field, absl::StrCat("not valid JSON of at most ", kDepthMax, " levels: ", error.message()));
  if (!document.is_object()) return field_error(field, "expected a JSON schema, an object");
  valijson::ValidationResults results;
  valijson::Validator validator;
  if (validator.validate(meta_schema(), BoostJsonAdapter(document), &results)) return absl::OkStatus();
  // The first is the innermost: the others say that what holds it is no schema either.
  valijson::ValidationResults::Error first;
  if (!results.popError(first)) return field_error(field, "not a JSON schema");
  return field_error(place_of(field, first.context), absl::StrCat("not a JSON schema: ", first.description));
}

/// Hashes of texts that are schemas.
class Sound {
 public:
  bool has(const corpus::Digest& hash) {
    std::lock_guard lock(mutex_);
    return hashes_.contains(hash);
  }
  void add(const corpus::Digest& hash) {
    std::lock_guard lock(mutex_);
    if (hashes_.size() >= kMax) hashes_.clear();
    hashes_.insert(hash);
  }

 private:
  static constexpr size_t kMax = 4096;
  std::mutex mutex_;
  absl::flat_hash_set<corpus::Digest> hashes_;
};

}  // namespace

absl::Status check_json_schema(std::string_view field, std::string_view schema_json) {
  if (schema_json.empty()) return absl::OkStatus();
  static Sound* const sound = new Sound;
  const corpus::Digest hash = corpus::sha256(schema_json);
  if (sound->has(hash)) return absl::OkStatus();
  absl::Status status = validate(field, schema_json);
  if (status.ok()) sound->add(hash);
  return status;
}

}  // namespace harvest::dialect
