#include "storage/proof/note.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "storage/proof/base64.h"
#include "storage/proof/text_lines.h"

namespace harvest::proof {
namespace {

constexpr std::string_view kDash = "\u2014 ";

absl::Status malformed_note(std::string_view what) {
  return absl::InvalidArgumentError("signed note: " + std::string(what));
}

std::string id_bytes(uint32_t id) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(id >> shift & 255);
  return bytes;
}

bool is_plain_text(std::string_view text) {
  return simdjson::validate_utf8(text) &&
         std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) >= 0x20 || c == '\n'; });
}

absl::StatusOr<NoteSignature> parse_signature(std::string_view line) {
  const std::string where = "signature line " + shown(line) + ": ";
  if (!line.starts_with(kDash)) return malformed_note(where + "expected a dash (U+2014) and a space in front");
  line.remove_prefix(kDash.size());
  const size_t space = line.find(' ');
  NoteSignature signature;
  signature.name = line.substr(0, space);
  if (space == std::string_view::npos || !is_key_name(signature.name))
    return malformed_note(where + "expected a key's name and a space behind the dash");
  auto bytes = read_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= 4) return malformed_note(where + "expected base64 of a key id and a signature");
  for (size_t i = 0; i < 4; ++i) signature.key_id = signature.key_id << 8 | static_cast<uint8_t>((*bytes)[i]);
  signature.bytes = bytes->substr(4);
  return signature;
}

}  // namespace

absl::StatusOr<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax)
    return malformed_note("expected at most " + std::to_string(kNoteBytesMax) + " bytes, found " +
                          std::to_string(bytes.size()));
  if (!is_plain_text(bytes)) return malformed_note("expected UTF-8 without control characters");
  // The text may have empty lines of its own: the last one parts it from the signatures.
  const size_t parting = bytes.rfind("\n\n");
  if (parting == std::string_view::npos) return malformed_note("expected an empty line before the signatures");
  Note note;
  note.text = bytes.substr(0, parting + 1);
  TextLines lines(bytes.substr(parting + 2));
  while (const auto line = lines.next()) {
    if (note.signatures.size() == kNoteSignaturesMax)
      return malformed_note("expected at most " + std::to_string(kNoteSignaturesMax) + " signatures");
    auto signature = parse_signature(*line);
    if (!signature.ok()) return signature.status();
    note.signatures.push_back(*std::move(signature));
  }
  if (!lines.rest().empty()) return malformed_note("expected a newline at its end");
  if (note.signatures.empty()) return malformed_note("expected a signature");
  return note;
}

std::string note_bytes(const Note& note) {
  std::string bytes = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) {
    bytes += kDash;
    bytes += signature.name + " " + base64(id_bytes(signature.key_id) + signature.bytes) + "\n";
  }
  return bytes;
}

bool is_key_name(std::string_view name) {
  // Beside the ASCII one, which the bytes above tell apart from control characters.
  static constexpr std::array<std::string_view, 18> kSpaces{" ",      "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001",
                                                            "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007",
                                                            "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f"};
  const auto has = [&](std::string_view what) { return name.find(what) != std::string_view::npos; };
  return !name.empty() && is_plain_text(name) && !has("\n") && !has("+") && !has("\u205f") && !has("\u3000") &&
         std::none_of(kSpaces.begin(), kSpaces.end(), has);
}

}  // namespace harvest::proof
