#include "storage/corpus/dataset_name.h"

#include <catch2/catch.hpp>
#include <string>

using harvest::corpus::check_dataset_name;

TEST_CASE("a dataset's name is one that every folder and address takes", "[corpus]") {
  for (const std::string& good : {std::string("d"), std::string("0.maths_v2-b"), std::string(100, 'a')}) {
    CHECK(check_dataset_name(good).ok());
  }
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string(".d"), std::string("-d"), std::string("a/b"),
        std::string("Maths"), std::string("d\n"), std::string("d", 2), std::string("é"), std::string(101, 'a')}) {
    INFO(bad);
    CHECK(check_dataset_name(bad).code() == absl::StatusCode::kInvalidArgument);
  }
}
