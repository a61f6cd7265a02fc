#include <catch2/catch.hpp>

#include "service/quality/labels/language.h"
#include "service/quality/labels/refusal.h"
#include "service/quality/labels/repetition.h"
#include "service/quality/labels/unclosed.h"
#include "service/quality/labels/words.h"
#include "tests/quality/labels/judging.h"

using namespace harvest;
using namespace harvest::quality;

TEST_CASE("a refusal is the vendor's word, or a refusal's words at the beginning of a short answer", "[labels]") {
  Judging told("Certainly.");
  told.refused = true;
  CHECK(find_refusal(*told) == "vendor");
  CHECK(find_refusal(*Judging("I\u2019m sorry, but I can\u2019t help with that.")) == "phrase");
  CHECK(find_refusal(*Judging("As an AI language model, I can not say.")) == "phrase");
  CHECK_FALSE(find_refusal(*Judging("Sorry for the delay: it is illegal to park there.")));
  CHECK_FALSE(find_refusal(*Judging("")));
  // Late in an answer, or at the beginning of a long one, it is something that is told of.
  CHECK_FALSE(find_refusal(*Judging(words(40) + "then he said: I cannot help with that.")));
  CHECK_FALSE(find_refusal(*Judging("I cannot help with words that I have not read. " + words(100))));
}

TEST_CASE("thoughts and fences that do not end are found, those that do are not", "[labels]") {
  CHECK(find_unclosed(*Judging("<think>so it goes")) == "think");
  CHECK_FALSE(find_unclosed(*Judging("<think>so</think> 4")));
  CHECK(find_unclosed(*Judging("<think>a</think> b <think>c")) == "think");
  CHECK(find_unclosed(*Judging("Here:\n```python\nprint(1)\n")) == "fence");
  CHECK_FALSE(find_unclosed(*Judging("Here:\n```python\nprint(1)\n```\nDone.")));
  CHECK(find_unclosed(*Judging("````\n```\ncode\n```\n")) == "fence");  // a shorter one closes nothing
  CHECK_FALSE(find_unclosed(*Judging("Call ```f()``` twice.\n```g()``` once.")));
  CHECK(find_unclosed(*Judging("~~~\n```\n")) == "fence");
}

TEST_CASE("an answer that says the same over and over is found", "[labels]") {
  CHECK(find_repetition(*Judging(times("the cat ", 40))) == "top_2");
  CHECK(find_repetition(*Judging(words(60) + times("again and again ", 30))));
  // A loop of sentences: no run of four words is that frequent.
  CHECK(find_repetition(*Judging(times(words(40), 3))) == "said_before");
  CHECK_FALSE(find_repetition(*Judging(words(400))));
  // Said twice is not a loop, and of few words nothing is concluded.
  CHECK_FALSE(find_repetition(*Judging(words(200) + words(20))));
  CHECK_FALSE(find_repetition(*Judging(times("ha ", 20))));
}

TEST_CASE("a sum worked out step by step is no repetition", "[labels]") {
  const std::string steps =
      "Natalia sold 48 clips in April, and half as many in May. Half of 48 is 48 / 2 = 24, so in May she sold 24 "
      "clips. "
      "To find how many she sold in both months, add what she sold in April to what she sold in May: 48 + 24 = 72. "
      "So altogether Natalia sold 72 clips in April and May. The answer is 72.";
  CHECK_FALSE(find_repetition(*Judging(steps)));
}

TEST_CASE("the language is told where there is enough of it", "[labels]") {
  CHECK(find_language(*Judging("The quick brown fox jumps over the lazy dog because it was told to do so.")) == "en");
  CHECK(find_language(
            *Judging("Der schnelle braune Fuchs springt über den faulen Hund, weil man es ihm gesagt hat.")) == "de");
  CHECK(find_language(*Judging("これは日本語の文章です。何も特別なことはありません。")) == "ja");
  CHECK_FALSE(find_language(*Judging("72")));
  CHECK_FALSE(find_language(*Judging("")));
  CHECK_FALSE(find_language(*Judging("\xff\xfe\xff\xfe\xff\xfe\xff\xfe")));
  // Cut within a character, it is still one language.
  CHECK(find_language(*Judging(times("日本語の文章です。", 1000))) == "ja");
}

TEST_CASE("words are told apart by nothing but letters, digits and what is beyond ASCII", "[labels]") {
  const auto words = words_of("One, two-three: ONE \xc3\xbc!");
  REQUIRE(words.size() == 5);
  CHECK(words[0].hash == words[3].hash);
  CHECK(words[0].hash != words[1].hash);
  CHECK(words[4].bytes == 2);
  const WordRuns runs(words_of("a b c x a b c"));
  CHECK(runs.hash(0, 3) == runs.hash(4, 3));
  CHECK(runs.hash(0, 3) != runs.hash(1, 3));
  CHECK(runs.hash(0, 3) == WordRuns(words_of("A B C")).hash(0, 3));
}
