// The fuzzers' corpora, and every golden body, as an ordinary test.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/dialect/golden_case.h"
#include "tests/fuzz/targets.h"

using namespace harvest;

namespace {

void replay(const char* name, void (*target)(std::string_view)) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(HARVEST_ROOT "/tests/fuzz/corpus/") + name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    INFO(entry.path().string());
    target(bytes.str());
    ++files;
  }
  CHECK(files >= 10);
}

}  // namespace

TEST_CASE("the corpora of the fuzzers pass", "[fuzz]") {
  replay("decode", fuzz::decode);
  replay("split", fuzz::split);
  replay("headers", fuzz::headers);
  replay("frames", fuzz::frames);
  replay("batches", fuzz::batches);
  replay("note", fuzz::note);
  replay("checkpoint", fuzz::checkpoint);
  replay("inclusion", fuzz::inclusion);
  replay("envelope", fuzz::envelope);
  replay("tile", fuzz::tile);
}

TEST_CASE("golden bodies pass what is fuzzed", "[fuzz]") {
  for (const testing::GoldenCase& golden : testing::golden_cases()) {
    if (testing::is_request(golden)) continue;
    const dialect::HttpExchange exchange = testing::exchange_of(golden);
    INFO(golden.file << ": " << golden.name);
    fuzz::decode(golden.dialect + " " + std::to_string(exchange.status) + "\n" + exchange.body);
    fuzz::split(exchange.body);
    fuzz::frames(exchange.body);
    fuzz::batches(golden.dialect + "\n" + exchange.body);
    std::string lines;
    for (const auto& [name, value] : exchange.headers) lines += name + ": " + value + "\n";
    fuzz::headers(lines);
  }
}
