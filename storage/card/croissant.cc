#include "storage/card/croissant.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/card/card_facts.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/columns.h"
#include "storage/corpus/profile.h"

namespace harvest::card {
namespace {

using corpus::JsonObject;

/// The terms of the document, as the format wants them: those that stand for themselves in its vocabulary, and those
/// with a type.
std::string context() {
  JsonObject terms;
  for (const char* term : {"citeAs",       "column",        "equivalentProperty",
                           "extract",      "field",         "fileObject",
                           "fileProperty", "fileSet",       "format",
                           "includes",     "isLiveDataset", "jsonPath",
                           "key",          "md5",           "parentField",
                           "path",         "recordSet",     "references",
                           "regex",        "repeated",      "replace",
                           "samplingRate", "separator",     "source",
                           "subField",     "transform"})
    terms.text(term, absl::StrCat("cr:", term));
  for (const char* term : {"data", "examples"}) {
    JsonObject typed;
    typed.text("@id", absl::StrCat("cr:", term));
    typed.text("@type", "@json");
    terms.raw(term, typed.text());
  }
  JsonObject data_type;
  data_type.text("@id", "cr:dataType");
  data_type.text("@type", "@vocab");
  terms.raw("dataType", data_type.text());
  terms.text("@language", "en");
  terms.text("@vocab", "https://schema.org/");
  terms.text("conformsTo", "dct:conformsTo");
  terms.text("cr", "http://mlcommons.org/croissant/");
  terms.text("dct", "http://purl.org/dc/terms/");
  terms.text("odrl", "http://www.w3.org/ns/odrl/2/");
  terms.text("prov", "http://www.w3.org/ns/prov#");
  terms.text("rai", "http://mlcommons.org/croissant/RAI/");
  terms.text("sc", "https://schema.org/");
  return terms.text();
}

std::string list(const std::vector<std::string>& objects) {
  return absl::StrCat("[", absl::StrJoin(objects, ","), "]");
}

std::string reference(const std::string& id) {
  JsonObject to;
  to.text("@id", id);
  return to.text();
}

const char* encoding(corpus::ShardFormat format) {
  switch (format) {
    case corpus::ShardFormat::kParquet:
      return "application/x-parquet";
    case corpus::ShardFormat::kWebdataset:
      return "application/x-tar";
    default:
      return "application/jsonlines";  // packed or not: readers look into the file
  }
}

std::string file(const v1::Shard& shard, corpus::ShardFormat format) {
  JsonObject object;
  object.text("@type", "cr:FileObject");
  object.text("@id", shard.path());
  object.text("name", shard.path());
  object.text("contentUrl", absl::StrCat("shards/", shard.path()));
  object.text("contentSize", absl::StrCat(shard.bytes(), " B"));
  object.text("encodingFormat", encoding(format));
  object.text("sha256", shard.sha256());
  return object.text();
}

std::string file_set(const CardFacts& facts) {
  JsonObject object;
  object.text("@type", "cr:FileSet");
  object.text("@id", "shards");
  object.text("name", "shards");
  object.text("includes", facts.files);
  object.text("encodingFormat", encoding(facts.format));
  return object.text();
}

const char* data_type(const corpus::Column& column) {
  if (column.name.ends_with("_at")) return "sc:DateTime";
  switch (column.type) {
    case corpus::ColumnType::kInteger:
      return "sc:Integer";
    case corpus::ColumnType::kReal:
      return "sc:Float";
    case corpus::ColumnType::kBoolean:
      return "sc:Boolean";
    default:
      return "sc:Text";
  }
}

std::string field(std::string_view column, const char* type) {
  JsonObject extract;
  extract.text("column", column);
  JsonObject source;
  source.raw("fileSet", reference("shards"));
  source.raw("extract", extract.text());
  JsonObject object;
  object.text("@type", "cr:Field");
  object.text("@id", absl::StrCat("records/", std::string(column)));
  object.text("name", column);
  object.text("dataType", type);
  object.raw("source", source.text());
  return object.text();
}

/// Empty: rows without a column of one value, or that such readers do not open.
std::string record_set(const v1::Manifest& manifest, corpus::ShardFormat format) {
  if (format == corpus::ShardFormat::kWebdataset || manifest.profile() == "openai") return "";
  std::vector<std::string> fields;
  if (!manifest.profile().empty())
    fields.push_back(field("record_id", "sc:Text"));
  else
    for (const corpus::Column& column : corpus::kColumns)
      if (column.type != corpus::ColumnType::kMessages) fields.push_back(field(column.name, data_type(column)));
  JsonObject object;
  object.text("@type", "cr:RecordSet");
  object.text("@id", "records");
  object.text("name", "records");
  object.raw("key", reference("records/record_id"));
  object.raw("field", list(fields));
  return object.text();
}

std::string agent(const std::string& type, const std::string& label) {
  JsonObject object;
  object.text("@type", type);
  object.text("prov:label", label);
  return object.text();
}

/// What all rows may be used for, and what that obliges to.
std::string offer(const CardFacts& facts) {
  JsonObject constraint;
  constraint.raw("odrl:leftOperand", reference("odrl:purpose"));
  constraint.raw("odrl:operator", reference("odrl:isAnyOf"));
  constraint.texts("odrl:rightOperand", facts.purposes);
  JsonObject permission;
  permission.raw("odrl:action", reference("odrl:use"));
  permission.raw("odrl:constraint", constraint.text());
  if (!facts.obligations.empty()) {
    std::vector<std::string> duties;
    for (const std::string& obligation : facts.obligations) {
      JsonObject duty;
      duty.text("odrl:action", obligation);
      duties.push_back(duty.text());
    }
    permission.raw("odrl:duty", list(duties));
  }
  JsonObject object;
  object.raw("@type", R"(["odrl:Offer","CreativeWork"])");
  object.text("name", facts.purposes.empty() ? "no purpose that all rows permit" : absl::StrJoin(facts.purposes, ", "));
  object.raw("odrl:permission", permission.text());
  return object.text();
}

}  // namespace

std::string croissant_json(const v1::Manifest& manifest, std::string_view url) {
  const CardFacts facts = facts_of(manifest);
  JsonObject document;
  document.raw("@context", context());
  document.text("@type", "sc:Dataset");
  document.texts("conformsTo", {"http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"});
  document.text("name", facts.name);
  document.text("description", facts.summary);
  document.texts("license", facts.licences.empty() ? std::vector<std::string>{"not stated"} : facts.licences);
  document.text("url", url);
  JsonObject creator;
  creator.text("@type", "sc:Organization");
  creator.text("name", manifest.tenant());
  document.raw("creator", creator.text());
  document.text("datePublished", facts.day);
  document.text("version", facts.version);
  document.boolean("isLiveDataset", manifest.kind() != "snapshot");
  document.text("citeAs", absl::StrCat(facts.name, " ", facts.version));

  std::vector<std::string> teachers;
  for (const std::string& teacher : facts.teachers) teachers.push_back(agent("prov:SoftwareAgent", teacher));
  document.raw("prov:wasAttributedTo", list(teachers));
  std::vector<std::string> runs;
  for (const v1::Coverage& job : manifest.coverage())
    runs.push_back(agent("prov:Activity", absl::StrCat("job ", job.job_id())));
  document.raw("prov:wasGeneratedBy", list(runs));
  std::vector<std::string> sources;
  for (const std::string& source : facts.prompt_sources) sources.push_back(agent("prov:Entity", source));
  document.raw("prov:wasDerivedFrom", list(sources));
  document.text("rai:dataCollection",
                "Prompts were sent to the named models through their APIs, within their limits; each "
                "answer is kept as it came, with its licence, purposes and time.");
  document.texts("rai:dataCollectionType", {"Others"});
  document.text("rai:dataManipulationProtocol",
                absl::StrCat("Rows: ", manifest.where().empty() ? "all" : manifest.where(),
                             "; shape: ", manifest.profile().empty() ? "all columns" : manifest.profile()));
  document.texts("rai:dataUseCases", facts.purposes);
  if (facts.self_attested)
    document.text("rai:dataLimitations", "Of some rows nobody but the operator attested to the rights.");
  document.raw("usageInfo", offer(facts));

  std::vector<std::string> files;
  for (const v1::Shard& shard : manifest.shards()) files.push_back(file(shard, facts.format));
  files.push_back(file_set(facts));
  document.raw("distribution", list(files));
  const std::string records = record_set(manifest, facts.format);
  if (!records.empty()) document.raw("recordSet", list({records}));
  return document.text();
}

}  // namespace harvest::card
