#include "storage/corpus/manifest.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/json_fields.h"

namespace harvest::corpus {
namespace {

template <typename Texts>
std::vector<std::string> list(const Texts& texts) {
  return {texts.begin(), texts.end()};
}

std::string shard_json(const v1::Shard& shard) {
  JsonObject json;
  json.number("bytes", shard.bytes());
  json.text("first_id", shard.first_id());
  json.text("last_id", shard.last_id());
  json.texts("licences", list(shard.licences()));
  json.texts("obligations", list(shard.obligations()));
  json.text("path", shard.path());
  json.texts("prompt_sources", list(shard.prompt_sources()));
  json.texts("purposes", list(shard.purposes()));
  json.number("raw_bytes", shard.raw_bytes());
  json.text("raw_sha256", shard.raw_sha256());
  json.number("rows", shard.rows());
  json.number("segment", shard.segment());
  json.boolean("self_attested", shard.self_attested());
  json.text("sha256", shard.sha256());
  json.texts("teachers", list(shard.teachers()));
  return json.text();
}

std::string coverage_json(const v1::Coverage& coverage) {
  JsonObject json;
  json.number("answered", coverage.answered());
  json.number("asked", coverage.asked());
  json.number("ended", coverage.ended());
  json.text("job_id", coverage.job_id());
  json.text("stratum", coverage.stratum());
  json.number("waiting", coverage.waiting());
  if (coverage.has_watermark()) json.number("watermark", coverage.watermark());
  return json.text();
}

v1::Coverage read_coverage(JsonFields fields) {
  v1::Coverage coverage;
  coverage.set_job_id(fields.text("job_id"));
  coverage.set_stratum(fields.text("stratum"));
  coverage.set_asked(fields.number("asked"));
  coverage.set_answered(fields.number("answered"));
  coverage.set_ended(fields.number("ended"));
  coverage.set_waiting(fields.number("waiting"));
  if (fields.has("watermark")) coverage.set_watermark(fields.number("watermark"));
  return coverage;
}

bool is_bare_name(const std::string& path) {
  return !path.empty() && path[0] != '.' && path.find('/') == std::string::npos && path.find('\0') == std::string::npos;
}

v1::Shard read_shard(JsonFields fields) {
  v1::Shard shard;
  shard.set_path(fields.text("path"));
  if (!is_bare_name(shard.path())) fields.mistake("path", "a bare file name that does not begin with a dot");
  shard.set_bytes(fields.number("bytes"));
  shard.set_sha256(fields.text("sha256"));
  shard.set_raw_bytes(fields.number("raw_bytes"));
  shard.set_raw_sha256(fields.text("raw_sha256"));
  shard.set_rows(fields.number("rows"));
  shard.set_first_id(fields.text("first_id"));
  shard.set_last_id(fields.text("last_id"));
  for (std::string& text : fields.texts("teachers")) shard.add_teachers(std::move(text));
  for (std::string& text : fields.texts("licences")) shard.add_licences(std::move(text));
  for (std::string& text : fields.texts("purposes")) shard.add_purposes(std::move(text));
  for (std::string& text : fields.texts("obligations")) shard.add_obligations(std::move(text));
  for (std::string& text : fields.texts("prompt_sources")) shard.add_prompt_sources(std::move(text));
  shard.set_segment(fields.number("segment"));
  shard.set_self_attested(fields.boolean("self_attested"));
  return shard;
}

}  // namespace

std::string manifest_json(const v1::Manifest& manifest) {
  JsonObject json, dropped;
  std::string shards = "[", coverage = "[";
  for (const v1::Coverage& job : manifest.coverage()) {
    if (coverage.size() > 1) coverage += ',';
    coverage += coverage_json(job);
  }
  for (const v1::Shard& shard : manifest.shards()) {
    if (shards.size() > 1) shards += ',';
    shards += shard_json(shard);
  }
  for (const auto& [rule, rows] : manifest.dropped()) dropped.number(rule, rows);
  json.raw("coverage", coverage + ']');
  json.text("created_at", manifest.created_at());
  json.text("dataset", manifest.dataset());
  json.raw("dropped", dropped.text());
  json.text("format", manifest.format());
  json.text("kind", manifest.kind());
  json.number("major", manifest.major());
  json.text("parent_sha256", manifest.parent_sha256());
  json.text("profile", manifest.profile());
  json.number("rows", manifest.rows());
  json.text("schema_sha256", manifest.schema_sha256());
  json.text("service_version", manifest.service_version());
  json.raw("shards", shards + ']');
  json.text("tenant", manifest.tenant());
  json.number("version", manifest.version());
  json.text("view", manifest.view());
  json.text("where", manifest.where());
  return json.text();
}

absl::StatusOr<v1::Manifest> parse_manifest(std::string_view json) {
  auto document = JsonDocument::parse(json);
  if (!document.ok()) return document.status();
  JsonFields fields = document->fields();
  v1::Manifest manifest;
  manifest.set_dataset(fields.text("dataset"));
  manifest.set_view(fields.text("view"));
  manifest.set_version(fields.number("version"));
  manifest.set_parent_sha256(fields.text("parent_sha256"));
  manifest.set_kind(fields.text("kind"));
  manifest.set_format(fields.text("format"));
  manifest.set_schema_sha256(fields.text("schema_sha256"));
  manifest.set_created_at(fields.text("created_at"));
  manifest.set_rows(fields.number("rows"));
  manifest.set_where(fields.text("where"));
  manifest.set_profile(fields.text("profile"));
  manifest.set_tenant(fields.text("tenant"));
  manifest.set_service_version(fields.text("service_version"));
  for (const auto& [rule, rows] : fields.numbers("dropped")) (*manifest.mutable_dropped())[rule] = rows;
  // Manifests of before have neither.
  if (fields.has("major")) manifest.set_major(static_cast<uint32_t>(fields.number("major")));
  if (fields.has("coverage"))
    for (const JsonFields& job : fields.objects("coverage")) *manifest.add_coverage() = read_coverage(job);
  for (const JsonFields& shard : fields.objects("shards")) *manifest.add_shards() = read_shard(shard);
  if (!document->mistakes().empty()) return absl::InvalidArgumentError(document->mistakes());
  return manifest;
}

bool in_order_of_arrival(const v1::Manifest& manifest) {
  const auto& covered = manifest.coverage();
  return manifest.kind() != "snapshot" &&
         std::none_of(covered.begin(), covered.end(), [](const v1::Coverage& job) { return job.has_watermark(); });
}

absl::Status ShardShare::check() const {
  if (rank < world_size) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("rank: found ", rank, " of ", world_size, ", expected less than the world size"));
}

std::string manifest_sha256(std::string_view json) {
  return hex(sha256(json));
}

}  // namespace harvest::corpus
