#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "service/notary/notary.h"
#include "storage/store/store.h"

namespace harvest::notary {

/// A store in a directory of its own, whose log grows by commands.
struct StoreFixture {
  StoreFixture() {
    std::string name = (std::filesystem::temp_directory_path() / "harvest-notary-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory = name;
    open();
  }
  ~StoreFixture() {
    store.reset();
    std::error_code ignored;  // the system's cleaning has what is left
    std::filesystem::remove_all(directory, ignored);
  }

  void open() {
    store.reset();
    auto opened = store::Store::open({.path = directory + "/store"}, 1);
    INFO(opened.status().message());
    REQUIRE(opened.ok());
    store = *std::move(opened);
  }
  std::string apart() const { return directory + "/log-checkpoint"; }
  /// Another store's directory takes the place of this one's.
  void swap_store(const std::string& other) {
    store.reset();
    std::filesystem::remove_all(directory + "/store");
    std::filesystem::copy(directory + "/" + other, directory + "/store", std::filesystem::copy_options::recursive);
    open();
  }
  void copy_store(const std::string& to) {
    store.reset();
    std::filesystem::copy(directory + "/store", directory + "/" + to, std::filesystem::copy_options::recursive);
    open();
  }
  void grow(int entries) {
    for (int i = 0; i < entries; ++i)
      REQUIRE(store
                  ->apply_and_wait(store::LogCommand{
                      {"Jobs/PauseJob", "j_" + std::to_string(++grown), "ana", "", "", 1}, std::string(32, 's')})
                  .ok());
  }
  std::string directory;
  std::unique_ptr<store::Store> store;
  int grown = 0;
};

inline proof::SignerKey test_key(char seed = 'k', const std::string& name = "log.example/l") {
  return proof::SignerKey(name, proof::KeyType::kEd25519, proof::Seed(std::string(32, seed)));
}
inline std::unique_ptr<Notary> open_notary(StoreFixture& fixture, std::vector<proof::SignerKey> keys = {test_key()}) {
  auto opened = Notary::open(*fixture.store, std::move(keys), fixture.apart());
  INFO(opened.status().message());
  REQUIRE(opened.ok());
  return *std::move(opened);
}
inline proof::Trust trusted(char seed = 'k') {
  return {{test_key(seed).verifier()}, {}, 0};
}

}  // namespace harvest::notary
