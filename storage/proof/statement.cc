#include "storage/proof/statement.h"

#include <boost/json.hpp>

#include "absl/strings/escaping.h"
#include "storage/proof/envelope.h"
#include "storage/proof/json_members.h"

namespace harvest::proof {
namespace {

std::string json_text(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

std::string hex(const Hash& hash) {
  const std::string_view bytes = bytes_of(hash);
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

absl::StatusOr<Subject> subject_of(const JsonMembers& members) {
  const auto name = members.text("name");
  if (!name.ok()) return name.status();
  const auto digest = members.object("digest");
  if (!digest.ok()) return digest.status();
  const auto text = digest->text("sha256");
  if (!text.ok()) return text.status();
  const std::string bytes =
      text->size() == 64 ? absl::HexStringToBytes(absl::string_view(text->data(), text->size())) : "";
  Subject subject{std::string(*name), {}};
  if (!bytes.empty()) subject.sha256 = hash_of_bytes(bytes);
  // The library takes what is no digit for one; written again, it is not what was read.
  if (hex(subject.sha256) != *text) return digest->mistake("sha256", "64 small hex digits");
  return subject;
}

}  // namespace

std::string statement_json(const Statement& statement) {
  std::string json = std::string(R"({"_type":")") + kStatementType + R"(","subject":[)";
  for (const Subject& subject : statement.subjects) {
    if (json.back() == '}') json += ',';
    json += R"({"name":)" + json_text(subject.name) + R"(,"digest":{"sha256":")" + hex(subject.sha256) + R"("}})";
  }
  return json + R"(],"predicateType":)" + json_text(statement.predicate_type) + R"(,"predicate":)" +
         statement.predicate_json + "}";
}

absl::StatusOr<Statement> parse_statement(std::string_view json) {
  auto document = JsonText::parse("statement", json, kEnvelopeBytesMax);
  if (!document.ok()) return document.status();
  const auto members = document->members();
  if (!members.ok()) return members.status();
  const auto type = members->text("_type");
  if (!type.ok()) return type.status();
  if (*type != kStatementType) return members->mistake("_type", kStatementType);
  Statement statement;
  const auto subjects = members->objects("subject", kSubjectsMax);
  if (!subjects.ok()) return subjects.status();
  for (const JsonMembers& entry : *subjects) {
    auto subject = subject_of(entry);
    if (!subject.ok()) return subject.status();
    statement.subjects.push_back(*std::move(subject));
  }
  if (statement.subjects.empty()) return members->mistake("subject", "one at least");
  const auto predicate_type = members->text("predicateType");
  if (!predicate_type.ok()) return predicate_type.status();
  statement.predicate_type = *predicate_type;
  auto predicate = members->object_json("predicate");
  if (!predicate.ok()) return predicate.status();
  statement.predicate_json = *std::move(predicate);
  return statement;
}

}  // namespace harvest::proof
