#include "client/cpp/log_verify.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "storage/proof/inclusion_file.h"
#include "storage/proof/note_signing.h"
#include "storage/proof/right_edge.h"
#include "storage/proof/tile.h"
#include "storage/proof/tiled_hashes.h"

namespace harvest::client {
namespace {

proof::SignerKey log_key(char seed = 'l') {
  return proof::SignerKey("log.example/l", proof::KeyType::kEd25519, proof::Seed(std::string(32, seed)));
}
proof::SignerKey witness_key() {
  return proof::SignerKey("witness.example/w", proof::KeyType::kCosignature, proof::Seed(std::string(32, 'w')));
}

/// A log's files, and proofs of it, in a folder of their own.
struct LogFolder {
  explicit LogFolder(uint64_t size = 600) {
    std::string name = (std::filesystem::temp_directory_path() / "harvest-verify-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    proof::RightEdge tree;
    for (uint64_t i = 0; i < size; ++i) {
      leaves.push_back(proof::leaf_hash(entry(i)));
      levels[0] += proof::bytes_of(leaves.back());
      tree.append(leaves.back(), [&](const proof::Node& node, const proof::Hash& hash) {
        if (node.level % proof::kTileHeight == 0) levels[node.level / proof::kTileHeight] += proof::bytes_of(hash);
      });
      roots.push_back(tree.root());
    }
    for (const proof::Tile& tile : proof::tiles(size)) {
      write("log/" + proof::tile_path(tile), levels[tile.level].substr(tile.index * 256 * 32, tile.width * 32));
      if (tile.level > 0) continue;
      std::string bundle;
      for (uint64_t i = 0; i < tile.width; ++i) proof::append_to_bundle(bundle, entry(tile.index * 256 + i));
      write("log/" + proof::bundle_path(tile.index, tile.width), bundle);
    }
    write("log/checkpoint", checkpoint(size));
  }
  ~LogFolder() {
    std::error_code ignored;  // the system's cleaning has what is left
    std::filesystem::remove_all(root, ignored);
  }

  static std::string entry(uint64_t index) { return "{\"entry\":" + std::to_string(index) + "}"; }
  std::string checkpoint(uint64_t size) const {
    return proof::signed_checkpoint({"log.example/l", size, roots[size - 1], {}}, log_key());
  }
  std::string path(const std::string& name) const { return root + "/" + name; }
  void write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << bytes;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string message(const std::string& name) const {
    LogVerify verify({{log_key().verifier()}, {}, 0});
    return std::string(verify.check(path(name)).status().message());
  }

  std::string root;
  std::vector<proof::Hash> leaves, roots;
  std::map<int, std::string> levels;
};

}  // namespace

TEST_CASE("a copy of a log is verified tile by tile", "[client][audit]") {
  const LogFolder folder;
  LogVerify verify({{log_key().verifier()}, {}, 0});
  folder.write("older", folder.checkpoint(257));
  CHECK(verify.check(folder.path("older"))->kind == "checkpoint");
  const auto log = verify.check(folder.path("log"));
  INFO(log.status().message());
  REQUIRE(log.ok());
  CHECK(log->kind == "log");
  CHECK(log->checkpoint.size == 600);
}

TEST_CASE("any changed byte of a copy is found by its file", "[client][audit]") {
  const LogFolder folder;
  for (const char* name :
       {"tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/001", "tile/entries/002.p/88", "checkpoint"}) {
    const std::string file = std::string("log/") + name;
    const std::string good = folder.read(file);
    for (size_t at = 0; at < good.size(); at += 1 + good.size() / 40) {
      std::string changed = good;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      folder.write(file, changed);
      INFO(file << " byte " << at);
      CHECK_FALSE(folder.message("log").empty());
    }
    std::filesystem::remove(folder.path(file));
    CHECK(folder.message("log").find(name) != std::string::npos);
    folder.write(file, good);
  }
  CHECK(folder.message("log").empty());
  std::string hashes = folder.read("log/tile/0/001");
  hashes[32 * 7] = static_cast<char>(hashes[32 * 7] ^ 1);
  folder.write("log/tile/0/001", hashes);
  CHECK(folder.message("log").find("tile/0/001: hash 7 is not what the entries make") != std::string::npos);
}

TEST_CASE("a fork is found between files and within a copy", "[client][audit]") {
  const LogFolder folder;
  const std::string forked =
      proof::signed_checkpoint({"log.example/l", 257, proof::sha256("another history"), {}}, log_key());
  folder.write("one", folder.checkpoint(257));
  folder.write("two", forked);
  LogVerify files({{log_key().verifier()}, {}, 0});
  CHECK(files.check(folder.path("one")).ok());
  CHECK(files.check(folder.path("two")).status().message().find("the log is forked") != std::string::npos);
  LogVerify copy({{log_key().verifier()}, {}, 0});
  CHECK(copy.check(folder.path("two")).ok());
  CHECK(copy.check(folder.path("log")).status().message().find("first 257 entries are not those of the checkpoint") !=
        std::string::npos);
}

TEST_CASE("a proof is verified with its entry and by the right key alone", "[client][audit]") {
  const LogFolder folder(5);
  proof::InclusionFile file{LogFolder::entry(4), 4, {folder.roots[3]}, folder.checkpoint(5)};
  folder.write("good", proof::inclusion_file_text(file));
  LogVerify verify({{log_key().verifier()}, {}, 0});
  const auto verified = verify.check(folder.path("good"));
  REQUIRE(verified.ok());
  CHECK(verified->index == 4);
  CHECK(verified->entry == LogFolder::entry(4));
  file.extra = LogFolder::entry(3);
  folder.write("other", proof::inclusion_file_text(file));
  CHECK(folder.message("other").find("does not lead") != std::string::npos);
  file.extra.reset();
  folder.write("without", proof::inclusion_file_text(file));
  CHECK(folder.message("without").find("no entry in it") != std::string::npos);
  LogVerify swapped({{log_key('x').verifier()}, {}, 0});
  CHECK(swapped.check(folder.path("good")).status().message().find("no signature of a known key") != std::string::npos);
  CHECK(absl::IsNotFound(verify.check(folder.path("nothing")).status()));
}

TEST_CASE("witnesses that are asked for have cosigned", "[client][audit]") {
  const LogFolder folder(5);
  proof::Note note = proof::parse_note(folder.checkpoint(5)).value();
  LogVerify verify({{log_key().verifier()}, {witness_key().verifier()}, 1});
  folder.write("alone", proof::note_bytes(note));
  CHECK(verify.check(folder.path("alone")).status().message().find("expected 1 known witnesses, found 0") !=
        std::string::npos);
  note.signatures.push_back(proof::cosign_note(witness_key(), note.text, 1'700'000'000));
  folder.write("cosigned", proof::note_bytes(note));
  CHECK(verify.check(folder.path("cosigned"))->witnesses == 1);
}

TEST_CASE("a key is given as itself or by its file", "[client][audit]") {
  const LogFolder folder(1);
  const std::string text = log_key().verifier().text();
  CHECK(verifier_key_of(text).value() == log_key().verifier());
  folder.write("key", text + "\n");
  CHECK(verifier_key_of(folder.path("key")).value() == log_key().verifier());
  folder.write("secret", log_key().text());
  CHECK(verifier_key_of(folder.path("secret")).status().message().find("private") != std::string::npos);
  CHECK_FALSE(verifier_key_of("nonsense").ok());
}

}  // namespace harvest::client
