// What the parsers of storage/proof are fed with; see targets.h.
#include <cstdlib>
#include <string>

#include "storage/proof/checkpoint.h"
#include "storage/proof/envelope.h"
#include "storage/proof/inclusion_file.h"
#include "storage/proof/note.h"
#include "storage/proof/statement.h"
#include "storage/proof/tile.h"
#include "tests/fuzz/targets.h"

namespace harvest::fuzz {
namespace {

using namespace harvest::proof;

void must_hold(bool holds) {
  if (!holds) std::abort();
}

void check_statement(std::string_view json) {
  const auto statement = parse_statement(json);
  if (!statement.ok()) return;
  const auto again = parse_statement(statement_json(*statement));
  must_hold(again.ok() && *again == *statement);
}

}  // namespace

void note(std::string_view input) {
  const auto read = parse_note(input);
  if (read.ok()) must_hold(note_bytes(*read) == input);
  parse_verifier_key(input).IgnoreError();
  SignerKey::parse(input).IgnoreError();
}

void checkpoint(std::string_view input) {
  const auto read = parse_checkpoint(input);
  if (read.ok()) must_hold(checkpoint_text(*read) == input);
  // Nobody has signed what a fuzzer makes.
  const SignerKey key("harvest.example/log", KeyType::kEd25519, Seed(std::string(32, '\1')));
  must_hold(!open_checkpoint(input, {{key.verifier()}, {}, 0}).ok());
}

void inclusion(std::string_view input) {
  const auto read = parse_inclusion_file(input);
  if (read.ok()) must_hold(inclusion_file_text(*read) == input);
}

void envelope(std::string_view input) {
  check_statement(input);
  const auto read = parse_envelope(input);
  if (!read.ok()) return;
  check_statement(read->payload);
  const auto again = parse_envelope(envelope_json(*read));
  must_hold(again.ok() && again->payload == read->payload && again->payload_type == read->payload_type &&
            again->signatures.size() == read->signatures.size());
  for (size_t i = 0; i < read->signatures.size(); ++i)
    must_hold(again->signatures[i].key_id == read->signatures[i].key_id &&
              again->signatures[i].bytes == read->signatures[i].bytes);
}

void tile(std::string_view input) {
  if (const auto path = read_tile_path(input))
    must_hold((path->entries ? bundle_path(path->tile.index, path->tile.width) : tile_path(path->tile)) == input);
  if (input.empty()) return;
  const uint64_t width = static_cast<uint8_t>(input[0]);
  const auto entries = read_bundle(input.substr(1), width);
  if (!entries.ok()) return;
  std::string bundle;
  for (const std::string_view entry : *entries) append_to_bundle(bundle, entry);
  must_hold(entries->size() == width && bundle == input.substr(1));
}

}  // namespace harvest::fuzz
