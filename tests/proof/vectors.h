#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "storage/proof/hash.h"
#include "storage/proof/note_key.h"

/// The published test vectors: entries a, b, c, d, e, one byte each; seed 00 01 … 1f, name harvest.example/log.
namespace harvest::proof {

inline Hash from_hex(const std::string& hex) {
  return hash_of_bytes(absl::HexStringToBytes(hex));
}

inline std::string counting_bytes(char first) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes += static_cast<char>(first + i);
  return bytes;
}

inline SignerKey vector_key() {
  return SignerKey("harvest.example/log", KeyType::kEd25519, Seed(counting_bytes(0)));
}
inline SignerKey witness_key() {
  return SignerKey("witness.example/w1", KeyType::kCosignature, Seed(counting_bytes(32)));
}

inline constexpr char kVectorVkey[] = "harvest.example/log+8efac513+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

inline const std::string kVectorCheckpoint =
    "harvest.example/log\n5\n/hSlQm+9cMD6c/UjQq/tDaC9I8SDhmLM9riKMHDq2Xs=\n\n"
    "\u2014 harvest.example/log "
    "jvrFE60vsm5xSrKX2L0IbYdbctrTreILCLJ99NvHnoKabx/r/hyWFhfueMHamkG6163FSkZze923GCAs4VovD2LTJQ0=\n";

inline const std::string kVectorProof =
    "c2sp.org/tlog-proof@v1\nindex 2\n0HDcW42prqfcD1rUwp2JllIABZyaDOyjq9XaJJLctx0=\n"
    "sTeYX/SE+2ANuTEHx3sDZcgNePW0Kd7Q/Zc2HQd5mes=\nKCSnzNosqnIMhcn7oei1tzXuz9sDh45Pjf5sNiUDC8Q=\n\n" +
    kVectorCheckpoint;

}  // namespace harvest::proof
