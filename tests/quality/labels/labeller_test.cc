#include "service/quality/labels/labeller.h"

#include <catch2/catch.hpp>
#include <ctime>
#include <iostream>

#include "service/quality/labels/language.h"
#include "service/quality/labels/personal_data.h"
#include "service/quality/labels/repetition.h"
#include "storage/corpus/label_columns.h"
#include "storage/corpus/label_rules.h"
#include "tests/quality/labels/judging.h"

using namespace harvest;
using namespace harvest::quality;

namespace {

/// "truncated", "language=en", joined by a space.
std::string told(const v1::PairLabels& labels) {
  std::string all;
  for (const v1::Label& label : labels.labels()) {
    if (!all.empty()) all += ' ';
    all += label.rule();
    if (!label.value().empty()) all += '=' + label.value();
  }
  return all;
}

const Labeller& plain() {
  static const Labeller labeller{BenchmarkList()};
  return labeller;
}

/// An answer to a grade-school sum as a teacher writes it, about 1.5 KB.
std::string worked_sum() {
  std::string text;
  for (int i = 0; text.size() < 1500; ++i) {
    const std::string a = std::to_string(17 + i * 3), b = std::to_string(4 + i);
    const char* reasons[] = {"holds some pencils, so we multiply what is in one of them by how many there are",
                             "was half empty before noon; taking away what had been sold until then leaves less",
                             "costs a little more than its neighbour did, and the price has to be added up again",
                             "is counted once for each child in the class, of whom two were ill that morning"};
    text += "Step " + std::to_string(i + 1) + ": box " + a + " on shelf " + b + ' ' + reasons[i % 4] + ": " + a +
            " * " + b + " = " + std::to_string((17 + i * 3) * (4 + i)) + ".\n";
  }
  return text + "#### 1234";
}

}  // namespace

TEST_CASE("each rule that holds is a label with its version, sorted by rule", "[labels]") {
  Judging judging(times("the cat ", 40), "I am ana@mail.org. Tell me of the cat.");
  judging.truncated = true;
  const v1::PairLabels labels = plain().label(*judging);
  for (int i = 1; i < labels.labels_size(); ++i) CHECK(labels.labels(i - 1).rule() < labels.labels(i).rule());
  for (const v1::Label& label : labels.labels()) {
    CHECK(label.version() == corpus::version_of_rule(label.rule()));
    CHECK(label.by().empty());
  }
  const corpus::LabelColumns columns = corpus::label_columns(labels);
  CHECK(columns.labels == "personal_data_in_prompt|repetition|truncated");
  CHECK(columns.pii_flags == "prompt:email");
}

TEST_CASE("a good answer bears its language and nothing else", "[labels]") {
  CHECK(told(plain().label(*Judging(worked_sum()))) == "language=en");
  CHECK(told(plain().label(*Judging("72"))).empty());
}

TEST_CASE("an empty answer is empty, cut off or not, and a refused one is refused", "[labels]") {
  Judging judging("  \n");
  CHECK(told(plain().label(*judging)) == "empty");
  judging.truncated = true;
  CHECK(told(plain().label(*judging)) == "empty truncated");
  judging.refused = true;
  CHECK(told(plain().label(*judging)) == "refused=vendor truncated");
}

TEST_CASE("the text of all rules tells their versions and the benchmarks", "[labels]") {
  CHECK(plain().rules().find("contaminated/1,empty/1,language/1,") == 0);
  BenchmarkList list;
  list.add_text(list.add_benchmark("sums"), words(20));
  const Labeller labeller(list);
  CHECK(labeller.rules().find("contaminated/1(sums:") == 0);
  CHECK(told(labeller.label(*Judging(words(20)))).find("contaminated=sums") == 0);
}

// Hidden: says how dear labelling is on this machine.
TEST_CASE("what labelling costs", "[.speed]") {
  BenchmarkList list;
  const size_t sums = list.add_benchmark("sums");
  for (int i = 0; i < 10'000; ++i) list.add_text(sums, words(60, i * 60));
  const Labeller labeller(list);
  const Judging judging(worked_sum(), "A shop has some boxes of pencils on its shelves. " + words(30));
  size_t labels = 0;
  constexpr int kPairs = 20'000;
  const auto spend = [&](const char* rule, const auto& judge) {
    const std::clock_t begin = std::clock();
    for (int i = 0; i < kPairs; ++i) judge();
    std::cout << rule << ": " << static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / kPairs * 1e6
              << " us of CPU a pair\n";
  };
  spend("all rules", [&] { labels += static_cast<size_t>(labeller.label(*judging).labels_size()); });
  spend("language", [&] { labels += find_language(*judging).has_value(); });
  spend("repetition", [&] { labels += find_repetition(*judging).has_value(); });
  spend("personal data", [&] { labels += personal_data_in_answer(*judging).has_value(); });
  spend("contaminated", [&] { labels += list.find(*judging).has_value(); });
  std::cout << "answer of " << judging.message.content().size() << " bytes\n";
  CHECK(labels >= kPairs);
}
