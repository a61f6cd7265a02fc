#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

/// Signed notes (c2sp.org/signed-note): a text that people can read, an empty line, and a line for each signature.
///
///     harvest.example/log
///     5
///     /hSlQm+9cMD6c/UjQq/tDaC9I8SDhmLM9riKMHDq2Xs=
///
///     — harvest.example/log jvrFE60v…
///
/// Here only the form; who signed is note_signing.h's to say.
namespace harvest::proof {

inline constexpr size_t kNoteBytesMax = 1 << 20;
inline constexpr size_t kNoteSignaturesMax = 100;

struct NoteSignature {
  std::string name;     ///< of the key
  uint32_t key_id = 0;  ///< note_key.h
  std::string bytes;    ///< as the key's type has it
  bool operator==(const NoteSignature&) const = default;
};

struct Note {
  std::string text;  ///< ends in a newline, which is signed as well
  std::vector<NoteSignature> signatures;
};

/// INVALID_ARGUMENT says what was expected. Text and names are valid UTF-8 without control characters.
absl::StatusOr<Note> parse_note(std::string_view bytes);
std::string note_bytes(const Note& note);

/// Not empty, no spaces (Unicode's included), no plus sign, no control characters, valid UTF-8.
bool is_key_name(std::string_view name);

}  // namespace harvest::proof
