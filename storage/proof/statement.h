#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/proof/hash.h"

/// in-toto statements (in-toto.io/Statement/v1): what is claimed of which files. They are the payload of an envelope;
/// files are meant by their hashes, their names are for people.
namespace harvest::proof {

inline constexpr char kStatementType[] = "https://in-toto.io/Statement/v1";
inline constexpr size_t kSubjectsMax = 1'000'000;

struct Subject {
  std::string name;
  Hash sha256 = {};
  bool operator==(const Subject&) const = default;
};

struct Statement {
  std::vector<Subject> subjects;      ///< at least one
  std::string predicate_type;         ///< an address that says what the predicate's members mean
  std::string predicate_json = "{}";  ///< an object, canonical JSON
  bool operator==(const Statement&) const = default;
};

/// The bytes that are signed: no spaces, members in the order of the specification.
std::string statement_json(const Statement& statement);
/// Members that are not known are skipped; the predicate comes back without spaces. INVALID_ARGUMENT says what was
/// found and expected.
absl::StatusOr<Statement> parse_statement(std::string_view json);

}  // namespace harvest::proof
