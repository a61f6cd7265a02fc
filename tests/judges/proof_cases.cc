// Both sides of judge_proof.py: `proof_cases make DIR` writes what we sign and prove, `proof_cases check DIR` reads
// what the judges have signed and proved. Every tree has the entries "entry 0", "entry 1", …; who differs on the rest
// differs on the tree.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "storage/proof/base64.h"
#include "storage/proof/envelope.h"
#include "storage/proof/inclusion_file.h"
#include "storage/proof/note.h"
#include "storage/proof/proof_check.h"
#include "storage/proof/right_edge.h"
#include "storage/proof/statement.h"
#include "storage/proof/text_lines.h"
#include "storage/proof/tiled_hashes.h"

namespace fs = std::filesystem;
using namespace harvest::proof;

namespace {

constexpr uint64_t kSizes[] = {1, 2, 3, 5, 8, 255, 256, 257, 511, 513, 1000, 65'535, 65'536, 65'537, 70'000};
constexpr uint64_t kCosignedAt_s = 1'764'345'600;

std::string entry(uint64_t index) {
  return "entry " + std::to_string(index);
}

/// A log as the store keeps one: entries, and the hashes that tiles hold.
class Log : public TileReader {
 public:
  Log() {
    for (uint64_t i = 0; i < 70'000; ++i) {
      hashes_[0].push_back(leaf_hash(entry(i)));
      edge_.append(hashes_[0].back(), [&](const Node& node, const Hash& hash) {
        if (node.level % kTileHeight == 0) hashes_[node.level / kTileHeight].push_back(hash);
      });
    }
  }
  absl::StatusOr<std::vector<std::string>> read(std::span<const Tile> tiles) const override {
    std::vector<std::string> all;
    for (const Tile& tile : tiles) {
      std::string bytes;
      for (uint64_t i = 0; i < tile.width; ++i)
        bytes += bytes_of(hashes_.at(tile.level).at(tile.index * kTileWidth + i));
      all.push_back(std::move(bytes));
    }
    return all;
  }

 private:
  std::map<int, std::vector<Hash>> hashes_;
  RightEdge edge_;
};

std::string seed_bytes(char first) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes += static_cast<char>(first + i);
  return bytes;
}

SignerKey log_key() {
  return SignerKey("harvest.example/log", KeyType::kEd25519, Seed(seed_bytes(0)));
}
SignerKey witness() {
  return SignerKey("witness.example/w1", KeyType::kCosignature, Seed(seed_bytes(32)));
}

void write(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::string hash_lines(const std::vector<Hash>& hashes) {
  std::string lines;
  for (const Hash& hash : hashes) lines += base64(hash) + "\n";
  return lines;
}

std::vector<Hash> read_hash_lines(const fs::path& path) {
  std::vector<Hash> hashes;
  const std::string text = read(path);
  TextLines lines(text);
  while (const auto line = lines.next()) hashes.push_back(read_base64_hash(*line).value());
  return hashes;
}

std::string name(const char* kind, uint64_t first, uint64_t second) {
  return std::string(kind) + "-" + std::to_string(first) + "-" + std::to_string(second);
}

/// The cases: each entry that stands at an edge, and one in the middle; each older size.
template <typename Visit>
void each_entry(uint64_t size, Visit visit) {
  for (const uint64_t index : {uint64_t{0}, size / 3, size / 2, size - 1}) visit(index);
}

void make(const fs::path& out) {
  const Log log;
  write(out / "vkey", log_key().verifier().text());
  write(out / "skey", log_key().text());
  write(out / "witness-vkey", witness().verifier().text());
  for (const uint64_t size : kSizes) {
    const TiledHashes hashes(size, log);
    const Checkpoint checkpoint{log_key().verifier().name, size, root(size, hashes).value(), {}};
    Note note{checkpoint_text(checkpoint), {}};
    note.signatures = {sign_note(log_key(), note.text), cosign_note(witness(), note.text, kCosignedAt_s)};
    write(out / ("checkpoint-" + std::to_string(size)), note_bytes(note));
    each_entry(size, [&](uint64_t index) {
      write(out / (name("inclusion", size, index) + ".tlog-proof"),
            inclusion_file_text({entry(index), index, inclusion_proof(index, size, hashes).value(), note_bytes(note)}));
    });
    for (const uint64_t old_size : kSizes)
      if (old_size <= size)
        write(out / name("consistency", old_size, size), hash_lines(consistency_proof(old_size, size, hashes).value()));
  }
  for (const Tile& tile : tiles(70'000)) write(out / tile_path(tile), log.read({&tile, 1}).value().front());
  Envelope envelope{
      statement_json({{{"manifest.json", sha256("demo")}}, "https://harvest.example/manifest/v1", R"({"version":1})"}),
      kInTotoType,
      {}};
  sign_envelope(envelope, log_key());
  write(out / "envelope.json", envelope_json(envelope));
}

void must(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error("not accepted: " + what);
}

void check(const fs::path& in) {
  const Log log;
  const Trust trust{{log_key().verifier()}, {}, 0};
  size_t checked = 0;
  for (const uint64_t size : kSizes) {
    const auto open = open_checkpoint(read(in / ("go-checkpoint-" + std::to_string(size))), trust);
    must(open.ok(), std::string(open.status().message()));
    must(open->checkpoint.size == size, "size of Go's checkpoint");
    must(root(size, TiledHashes(size, log)).value() == open->checkpoint.root, "root of Go's checkpoint");
    each_entry(size, [&](uint64_t index) {
      const std::string file = name("go-inclusion", size, index);
      const auto proof = read_hash_lines(in / file);
      must(proves_inclusion(leaf_hash(entry(index)), index, size, proof, open->checkpoint.root), file);
      ++checked;
    });
    for (const uint64_t old_size : kSizes) {
      if (old_size > size) continue;
      const std::string file = name("go-consistency", old_size, size);
      must(proves_consistency(old_size, root(old_size, TiledHashes(old_size, log)).value(), size, open->checkpoint.root,
                              read_hash_lines(in / file)),
           file);
      ++checked;
    }
  }
  const auto envelope = parse_envelope(read(in / "reference-envelope.json"));
  must(envelope.ok(), std::string(envelope.status().message()));
  const auto signers = verify_envelope(*envelope, trust.logs);
  must(signers.ok(), std::string(signers.status().message()));
  must(parse_statement(envelope->payload).ok(), "statement in the reference's envelope");
  std::cout << "accepted " << checked << " proofs and " << std::size(kSizes) << " notes of Go's, and an envelope\n";
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count == 3 && std::string_view(arguments[1]) == "make")
      make(arguments[2]);
    else if (count == 3 && std::string_view(arguments[1]) == "check")
      check(arguments[2]);
    else
      throw std::runtime_error("usage: proof_cases make|check DIR");
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
