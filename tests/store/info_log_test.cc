#include "storage/store/info_log.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/store/rig.h"

namespace harvest::store {
namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("RocksDB's words are kept up to a bound, and lost where there is no place for them", "[store]") {
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / ("harvest-info-log-" + std::to_string(::getpid()));
  InfoLog log(directory.string(), 100);
  rocksdb::Warn(&log, "lost %d", 1);  // there is no directory yet
  std::filesystem::create_directory(directory);
  rocksdb::Warn(&log, "kept %d", 2);
  rocksdb::Info(&log, "never wanted");
  CHECK_THAT(content(directory / "LOG"), Catch::EndsWith("kept 2\n") && !Catch::Contains("lost"));
  CHECK_THAT(content(directory / "LOG"), !Catch::Contains("never"));
  rocksdb::Error(&log, "%s", std::string(90, 'x').c_str());
  CHECK_THAT(content(directory / "LOG.old"), Catch::EndsWith("kept 2\n"));
  CHECK_THAT(content(directory / "LOG"), Catch::EndsWith("xxx\n"));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace harvest::store
