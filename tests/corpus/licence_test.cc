#include "storage/corpus/licence.h"

#include <catch2/catch.hpp>

using harvest::corpus::joined_licences;

TEST_CASE("licences are joined each once and in order", "[corpus]") {
  CHECK(joined_licences({}).empty());
  CHECK(joined_licences({"", "MIT", ""}) == "MIT");
  CHECK(joined_licences({"MIT", "Apache-2.0", "MIT"}) == "Apache-2.0 AND MIT");
  CHECK(joined_licences({"MIT AND CC-BY-4.0", "Apache-2.0 AND MIT"}) == "Apache-2.0 AND CC-BY-4.0 AND MIT");
  CHECK(joined_licences({joined_licences({"b", "a"}), "c"}) == joined_licences({"a", "b", "c"}));
}
