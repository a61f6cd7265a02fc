#include "service/quality/near_duplicates/shingles.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace harvest;
using namespace harvest::quality;

namespace {

v1::Message said(const std::string& content) {
  v1::Message message;
  message.set_content(content);
  return message;
}

std::string some_words(size_t count, const std::string& between = " ") {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += "word" + std::to_string(i) + between;
  return text;
}

/// Characters of a script without spaces, all different.
std::string han(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    const size_t code = 0x4E00 + i;
    text += {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
             static_cast<char>(0x80 | (code & 0x3F))};
  }
  return text;
}

}  // namespace

TEST_CASE("an answer has a run of five words at each of its words but the last four", "[near]") {
  const auto shingles = shingles_of(said(some_words(30)));
  CHECK(shingles.size() == 26);
  CHECK(std::set(shingles.begin(), shingles.end()).size() == 26);
}

TEST_CASE("white space and case and punctuation make no other run", "[near]") {
  const auto plain = shingles_of(said(some_words(30)));
  CHECK(shingles_of(said(some_words(30, ",\n\n  "))) == plain);
  CHECK(shingles_of(said(some_words(30, " \xE2\x80\x94 "))) == plain);  // an em dash
  CHECK(shingles_of(said(some_words(30, "\xC2\xA0"))) == plain);        // a space that does not break
  std::string large = some_words(30);
  for (char& c : large) c = static_cast<char>(std::toupper(c));
  CHECK(shingles_of(said(large)) == plain);
}

TEST_CASE("letters beyond ASCII are letters", "[near]") {
  std::string text = some_words(30);
  const auto plain = shingles_of(said(text));
  text.replace(text.find("word7"), 1, "\xC3\xB6");
  CHECK(shingles_of(said(text)).size() == plain.size());
  CHECK(shingles_of(said(text)) != plain);
}

TEST_CASE("a character is a word where scripts have no spaces", "[near]") {
  CHECK(shingles_of(said(han(40))).size() == 36);
  const std::string full_stop = "\xE3\x80\x82";
  CHECK(shingles_of(said(han(40) + full_stop)) == shingles_of(said(han(40))));
}

TEST_CASE("of short answers nothing is said", "[near]") {
  CHECK(shingles_of(said("")).empty());
  CHECK(shingles_of(said("The answer is 42.")).empty());
  CHECK(shingles_of(said(some_words(kNearWordsLeast - 1))).empty());
  CHECK(shingles_of(said(some_words(kNearWordsLeast))).size() == kNearWordsLeast - 4);
}

TEST_CASE("calls of tools and parts count and thoughts do not", "[near]") {
  v1::Message message;
  message.set_reasoning_content(some_words(100));
  CHECK(shingles_of(message).empty());
  message.set_tool_calls_json(R"([{"name":"put","arguments":")" + some_words(30) + R"("}])");
  CHECK(shingles_of(message).size() == 29);
  message.set_parts_json(some_words(30));
  CHECK(shingles_of(message).size() == 59);
}

TEST_CASE("bytes that are no text are looked at all the same", "[near]") {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes += static_cast<char>(i * 7919 >> 3);
  const auto shingles = shingles_of(said(bytes));
  CHECK(shingles_of(said(bytes)) == shingles);
  for (const char* cut : {"\xF0", "\xE2\x80", "\xC3", "\xE3", "\xFF"})
    CHECK(shingles_of(said(some_words(30) + cut)).size() >= 26);
}
