#include "service/quality/near_duplicates/clusters.h"

#include <catch2/catch.hpp>
#include <ctime>
#include <iostream>
#include <random>
#include <set>
#include <string>

#include "service/quality/near_duplicates/shingles.h"
#include "tests/quality/near_duplicates/alike.h"

using namespace harvest;
using namespace harvest::quality;

namespace {

std::string id(uint64_t sequence) {
  return "r_" + std::to_string(sequence);
}

std::optional<std::string> member_of(uint64_t head) {
  return id(head);
}
const std::optional<std::string> kHead;

/// An index that outlives its Clusters, as the store's does.
struct Index {
  Clusters::Bands bands;
  Clusters::Heads heads;

  Clusters open() const { return {bands, heads}; }
  void keep(const Clusters& clusters) {
    for (const auto& [sequence, head] : clusters.new_heads()) heads[sequence] = head;
    for (const auto& [band, named] : clusters.changed_bands()) bands[band] = named;
  }
};

/// What a teacher might say: words drawn unevenly, of which some are then said otherwise.
class Author {
 public:
  explicit Author(uint64_t seed) : random_(seed) {}
  std::vector<std::string> text(size_t words) {
    std::vector<std::string> all;
    for (size_t i = 0; i < words; ++i) all.push_back(word());
    return all;
  }
  std::vector<std::string> with_changes(std::vector<std::string> text, size_t changes) {
    for (size_t i = 0; i < changes; ++i) text[random_() % text.size()] = word();
    return text;
  }
  std::mt19937_64& random() { return random_; }

 private:
  std::string word() { return "w" + std::to_string((random_() % 3000) * (random_() % 3000) / 3000); }
  std::mt19937_64 random_;
};

Signature signed_text(const std::vector<std::string>& words) {
  v1::Message answer;
  for (const std::string& word : words) *answer.mutable_content() += word + ' ';
  return signature_of(shingles_of(answer));
}

/// How often two that are so much alike are found to be near, of 1,000.
int found_of_thousand(double alike, uint64_t seed, size_t of_both = 200) {
  std::mt19937_64 random(seed);
  int found = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto [a, b] = two_alike(random, alike, of_both);
    Clusters clusters({}, {});
    clusters.add(0, id(0), signature_of(a));
    found += clusters.add(1, id(1), signature_of(b)).has_value();
  }
  return found;
}

}  // namespace

TEST_CASE("a near answer is of the cluster of the earlier one and a far one is not", "[near]") {
  Author author(1);
  const auto text = author.text(200);
  Clusters clusters({}, {});
  CHECK(clusters.add(0, id(0), signed_text(text)) == kHead);
  CHECK(clusters.add(1, id(1), signed_text(text)) == member_of(0));
  CHECK(clusters.add(2, id(2), signed_text(author.with_changes(text, 4))) == member_of(0));
  CHECK(clusters.add(3, id(3), signed_text(author.with_changes(text, 60))) == kHead);
  CHECK(clusters.add(4, id(4), signed_text(author.text(200))) == kHead);
  CHECK(clusters.new_heads().size() == 3);
}

TEST_CASE("answers of one template that fill it in otherwise are not near", "[near]") {
  Author author(2);
  const auto opening = author.text(20), end = author.text(15);
  Clusters clusters({}, {});
  for (uint64_t i = 0; i < 200; ++i) {
    auto text = opening;
    for (const std::string& word : author.text(60)) text.push_back(word);
    text.insert(text.end(), end.begin(), end.end());
    CHECK(clusters.add(i, id(i), signed_text(text)) == kHead);
  }
}

TEST_CASE("the earliest head that a pair is near to has it and small steps make no chain", "[near]") {
  // Each step is near to the one before it; the first and the last have little in common.
  Author author(3);
  std::vector<std::vector<std::string>> steps{author.text(200)};
  for (int i = 0; i < 40; ++i) steps.push_back(author.with_changes(steps.back(), 3));
  Clusters clusters({}, {});
  std::vector<std::string> cluster;
  for (uint64_t i = 0; i < steps.size(); ++i)
    cluster.push_back(clusters.add(i, id(i), signed_text(steps[i])).value_or(id(i)));
  CHECK(std::set(cluster.begin(), cluster.end()).size() > 3);
  for (size_t i = 0; i < steps.size(); ++i) {
    const uint64_t head = std::stoull(cluster[i].substr(2));
    CHECK(resemblance(signed_text(steps[i]).mins, signed_text(steps[head]).mins) >= kNear);
  }
  // Two heads that both are near: the earlier.
  const auto text = author.text(200);
  Clusters two({}, {});
  REQUIRE(two.add(0, id(0), signed_text(author.with_changes(text, 5))) == kHead);
  const bool apart = two.add(1, id(1), signed_text(author.with_changes(text, 5))) == kHead;
  CHECK(two.add(2, id(2), signed_text(text)) == member_of(0));
  CHECK(apart);
}

TEST_CASE("in whatever portions pairs come they come to the same clusters and the same index", "[near]") {
  Author author(4);
  std::vector<Signature> pairs;
  std::vector<std::vector<std::string>> texts;
  for (int i = 0; i < 600; ++i) {
    const bool again = i > 0 && author.random()() % 3 == 0;
    texts.push_back(again ? author.with_changes(texts[author.random()() % texts.size()], author.random()() % 12)
                          : author.text(40 + author.random()() % 200));
    pairs.push_back(signed_text(texts.back()));
  }
  const auto run = [&](size_t portion, Index& index) {
    std::vector<std::string> told;
    for (size_t first = 0; first < pairs.size(); first += portion) {
      Clusters clusters = index.open();
      for (size_t i = first; i < std::min(first + portion, pairs.size()); ++i)
        told.push_back(clusters.add(i, id(i), pairs[i]).value_or(""));
      index.keep(clusters);
    }
    return told;
  };
  Index whole, single, some;
  const auto at_once = run(pairs.size(), whole);
  CHECK(std::count(at_once.begin(), at_once.end(), "") < 600);
  CHECK(run(1, single) == at_once);
  CHECK(run(7, some) == at_once);
  CHECK(single.bands == whole.bands);
  CHECK(some.bands == whole.bands);
  CHECK(some.heads.size() == whole.heads.size());
}

TEST_CASE("a band names its earliest heads and no more of them", "[near]") {
  std::mt19937_64 random(5);
  Clusters clusters({}, {});
  // All of one band, and far from each other by all minima.
  for (uint64_t i = 0; i < 3 * kBandHeadsMax; ++i) {
    Signature signature = signature_of(two_alike(random, 0, 100).first);
    signature.bands[0] = 77;
    CHECK(clusters.add(i, id(i), signature) == kHead);
  }
  const auto named = clusters.changed_bands().at(77);
  REQUIRE(named.size() == kBandHeadsMax);
  CHECK(named.front() == 0);
  CHECK(named.back() == kBandHeadsMax - 1);
}

TEST_CASE("a head that the index has no more is nobody's", "[near]") {
  Author author(6);
  const Signature signature = signed_text(author.text(100));
  Index index;
  Clusters first = index.open();
  first.add(0, id(0), signature);
  index.keep(first);
  index.heads.erase(0);
  Clusters second = index.open();
  CHECK(second.add(1, id(1), signature) == kHead);
}

TEST_CASE("what is much alike is found and what is half alike is not", "[near]") {
  CHECK(found_of_thousand(0.95, 1) >= 998);
  CHECK(found_of_thousand(0.9, 2) >= 990);
  CHECK(found_of_thousand(0.8, 3) >= 920);
  CHECK(found_of_thousand(0.6, 4) <= 50);
  CHECK(found_of_thousand(0.5, 5) <= 3);
}

TEST_CASE("the rule tells its parameters", "[near]") {
  CHECK(Clusters::rule() ==
        "near_duplicate/1 (runs of 5 words, 24 words at least, 128 minima, 8 bands of 5, 0.7 alike, 4 heads a band)");
}

// Hidden: the curve in README.md, and what a signature costs on this machine.
TEST_CASE("how much alike is near and what it costs", "[.curve]") {
  for (const size_t of_both : {40, 300})
    for (int percent = 40; percent <= 95; percent += 5)
      std::cout << percent << " % of " << of_both << ": " << found_of_thousand(percent / 100.0, percent, of_both) / 10.0
                << " % found\n";
  v1::Message answer;
  for (const std::string& word : Author(7).text(280)) *answer.mutable_content() += word + "x ";
  constexpr int kAnswers = 20'000;
  size_t bytes = 0;
  const std::clock_t begin = std::clock();
  for (int i = 0; i < kAnswers; ++i) bytes += signature_of(shingles_of(answer)).mins[0];
  std::cout << "signature of an answer of " << answer.content().size()
            << " bytes: " << static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / kAnswers * 1e6
            << " us of CPU\n";
  CHECK(bytes > 0);
}
