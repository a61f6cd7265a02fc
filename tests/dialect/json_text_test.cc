#include "service/dialect/json_text.h"

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <random>

namespace json_text = harvest::dialect::json_text;

TEST_CASE("any string comes back from another parser as it went in", "[dialect]") {
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    std::string text(random() % 40, ' ');
    for (char& c : text) c = static_cast<char>(random() % 128);
    std::string out;
    json_text::append_string(out, text);
    CHECK(boost::json::value_to<std::string>(boost::json::parse(out)) == text);
  }
}

TEST_CASE("any double comes back the same", "[dialect]") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 5000; ++i) {
    const double value = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 100);
    std::string out;
    json_text::append_number(out, value);
    CHECK(std::stod(out) == value);
  }
}

TEST_CASE("the inside of an object is found between its braces", "[dialect]") {
  CHECK(json_text::inside_object(" { \"a\" : 1 } \n") == "\"a\" : 1");
  CHECK(json_text::inside_object("{}").empty());
  CHECK(json_text::inside_object("").empty());
}
