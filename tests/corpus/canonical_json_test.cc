#include "storage/corpus/canonical_json.h"

#include <catch2/catch.hpp>

using namespace harvest::corpus;

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string real(double value) {
  std::string out;
  append_json_double(out, value);
  return out;
}

/// One byte at a time, the plain way: what the fast one must equal.
std::string quoted_slowly(std::string_view text) {
  std::string out = "\"";
  for (char c : text) append_json_escaped(out, {&c, 1});
  return out + '"';
}

}  // namespace

TEST_CASE("only quotes and backslashes and control characters are escaped", "[corpus]") {
  CHECK(quoted("a\"b\\c") == R"("a\"b\\c")");
  CHECK(quoted("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(quoted(std::string("\0\x1f", 2)) == "\"\\u0000\\u001f\"");
  CHECK(quoted("é 漢字 🙂 / \x7f") == "\"é 漢字 🙂 / \x7f\"");
  CHECK(quoted("") == "\"\"");
}

TEST_CASE("escaping by words finds every byte that escaping by bytes finds", "[corpus]") {
  for (int byte = 0; byte < 256; ++byte)
    for (size_t at = 0; at < 19; ++at) {
      std::string text(19, 'x');
      text[at] = static_cast<char>(byte);
      CHECK(quoted(text) == quoted_slowly(text));
      std::string high(19, '\xff');
      high[at] = static_cast<char>(byte);
      CHECK(quoted(high) == quoted_slowly(high));
    }
}

TEST_CASE("numbers are the shortest that read back the same", "[corpus]") {
  CHECK(real(0.7) == "0.7");
  CHECK(real(1) == "1");
  CHECK(real(-0.0) == "0");
  CHECK(real(0.1 + 0.2) == "0.30000000000000004");
}

TEST_CASE("an object sorts its keys", "[corpus]") {
  JsonObject object;
  object.text("b", "x");
  object.number("a", 7);
  object.boolean("B", true);
  object.texts("c", {"1", "2"});
  CHECK(object.text() == R"({"B":true,"a":7,"b":"x","c":["1","2"]})");
}
