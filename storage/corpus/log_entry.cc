#include "storage/corpus/log_entry.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "storage/corpus/canonical_json.h"

namespace harvest::corpus {
namespace {

std::string bounded(std::string_view text) {
  return text.size() <= kLoggedTextBytesMax ? std::string(text) : tagged(sha256(text));
}

void append_logged_member(std::string& out, std::string_view name, std::string_view text) {
  out += name;
  if (text.size() <= kLoggedTextBytesMax)
    append_json_string(out, text);
  else
    append_json_string(out, bounded(text));
}

}  // namespace

std::string record_entry(std::string_view commit, std::string_view licence, std::string_view record_id,
                         std::string_view teacher) {
  std::string out;
  out.reserve(160 + licence.size() + record_id.size() + teacher.size());
  out += R"({"commit":")";
  out += tagged(commit);
  append_logged_member(out, R"(","licence":)", licence);
  append_logged_member(out, R"(,"op":"record","record_id":)", record_id);
  append_logged_member(out, R"(,"teacher":)", teacher);
  out += '}';
  return out;
}

std::string policy_entry(std::string_view teacher, const v1::Rights& rights) {
  std::vector<std::string> purposes;
  for (const int purpose : rights.permits())
    purposes.push_back(absl::AsciiStrToLower(v1::Purpose_Name(static_cast<v1::Purpose>(purpose))));
  std::sort(purposes.begin(), purposes.end());
  JsonObject entry;
  entry.text("op", "policy");
  entry.text("teacher", bounded(teacher));
  entry.text("licence", bounded(rights.licence()));
  entry.texts("purposes", purposes);
  entry.text("expires_on", bounded(rights.expires_on()));
  entry.text("terms_sha256", bounded(rights.terms_sha256()));
  entry.boolean("self_attested", rights.self_attested());
  entry.number("version", rights.version());
  return entry.text();
}

std::string shard_entry(std::string_view dataset, std::string_view view, const v1::Shard& shard) {
  JsonObject entry;
  entry.text("op", "shard");
  entry.text("dataset", bounded(dataset));
  entry.text("view", bounded(view));
  entry.text("path", bounded(shard.path()));
  entry.text("sha256", bounded(shard.sha256()));
  entry.number("bytes", shard.bytes());
  entry.number("rows", shard.rows());
  return entry.text();
}

std::string manifest_entry(std::string_view dataset, std::string_view view, uint64_t version,
                           std::string_view manifest) {
  JsonObject entry;
  entry.text("op", "manifest");
  entry.text("dataset", bounded(dataset));
  entry.text("view", bounded(view));
  entry.text("sha256", hex(sha256(manifest)));
  entry.number("version", version);
  return entry.text();
}

std::string command_record(const Command& command) {
  JsonObject record;
  record.number("at_us", static_cast<uint64_t>(command.at_us));
  record.text("name", command.name);
  record.text("target", command.target);
  record.text("what", command.what);
  record.text("who", command.who);
  record.text("why", command.why);
  return record.text();
}

std::string command_entry(const Command& command, std::string_view salt) {
  JsonObject entry;
  entry.text("op", "command");
  entry.number("at_us", static_cast<uint64_t>(command.at_us));
  entry.text("commit", tagged(sha256(std::string(salt) + command_record(command))));
  entry.text("name", bounded(command.name));
  entry.text("target", bounded(command.target));
  return entry.text();
}

}  // namespace harvest::corpus
