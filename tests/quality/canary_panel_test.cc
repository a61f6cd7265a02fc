#include "service/quality/canary_panel.h"

#include <catch2/catch.hpp>

using namespace harvest;
using quality::CanaryPanel;

namespace {

/// Four canaries, asked in rounds; each round is written as what the four answered: a letter each, a space for none.
class Panel {
 public:
  std::optional<std::string> hear(const std::string& answers) {
    std::vector<CanaryPanel::Answered> round;
    for (size_t i = 0; i < answers.size(); ++i)
      if (answers[i] != ' ') round.push_back({i + 1, static_cast<uint64_t>(answers[i])});
    return CanaryPanel(book).heard(asked, round, ++now);
  }
  void hear(const std::string& answers, int times) {
    for (int i = 0; i < times; ++i) CHECK_FALSE(hear(answers));
  }

  v1::DriftBook book;
  std::vector<uint64_t> asked{1, 2, 3, 4};
  int64_t now = 0;
};

}  // namespace

TEST_CASE("steady canaries have a vote after three rounds and agree", "[quality]") {
  Panel panel;
  panel.hear("abcd", 3);
  CHECK(panel.book.told() == 0);
  panel.hear("abcd", 1);
  CHECK(panel.book.told() == 4);
  CHECK(panel.book.agreed() == 4);
  CHECK(panel.book.asked_at_us() == 4);
}

TEST_CASE("half of those that tell answering otherwise in two rounds in a row is a change", "[quality]") {
  Panel panel;
  panel.hear("abcd", 4);
  panel.hear("abxx", 1);
  const auto what = panel.hear("abxx");
  REQUIRE(what);
  CHECK(*what == "2 of 4 canaries that tell were answered otherwise than before, in two rounds in a row");

  SECTION("and the baseline is taken anew with that round as its first") {
    panel.hear("abxx", 2);
    CHECK(panel.book.told() == 0);
    panel.hear("abxx", 1);
    CHECK(panel.book.told() == 4);
    CHECK(panel.book.agreed() == 4);
  }
}

TEST_CASE("one round is no change and neither are two with one in order between", "[quality]") {
  Panel panel;
  panel.hear("abcd", 4);
  panel.hear("xxxx", 1);
  panel.hear("abcd", 1);
  panel.hear("xxxx", 1);
  CHECK(panel.book.agreed() == 0);
}

TEST_CASE("fewer than half are no change", "[quality]") {
  Panel panel;
  panel.hear("abcd", 4);
  panel.hear("xbcd", 5);
  CHECK(panel.book.agreed() == 3);
}

TEST_CASE("a canary that varies in its first rounds has no vote", "[quality]") {
  Panel panel;
  panel.hear("abcd", 1);
  panel.hear("abcx", 1);
  panel.hear("abcy", 1);
  panel.hear("abcz", 1);
  CHECK(panel.book.told() == 3);
  CHECK(panel.book.agreed() == 3);
  CHECK_FALSE(quality::tells(panel.book.canaries(3)));
}

TEST_CASE("a canary that strayed twice has no vote any more", "[quality]") {
  Panel panel;
  panel.hear("a", 4);
  panel.hear("x", 1);
  panel.hear("a", 1);
  CHECK(panel.book.told() == 1);
  panel.hear("y", 1);
  panel.hear("a", 1);
  panel.hear("z", 3);
  CHECK(panel.book.told() == 0);
}

TEST_CASE("a canary without an answer harms nobody and a round without a vote breaks no row", "[quality]") {
  Panel panel;
  panel.hear("abcd", 4);
  panel.hear("ab  ", 1);
  CHECK(panel.book.told() == 2);
  panel.hear("xxxx", 1);
  panel.hear("    ", 1);
  CHECK(panel.hear("xxxx"));
}

TEST_CASE("canaries that are configured no more are forgotten and new ones begin", "[quality]") {
  Panel panel;
  panel.hear("abcd", 4);
  panel.asked = {1, 2, 9};
  CHECK_FALSE(CanaryPanel(panel.book).heard(panel.asked, {{1, 'a'}, {2, 'b'}, {9, 'n'}}, 9));
  CHECK(panel.book.canaries_size() == 3);
  CHECK(panel.book.told() == 2);
}
