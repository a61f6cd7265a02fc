#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <random>

#include "tests/publish/publishing.h"
#include "tests/scale.h"

// What labelling costs with near-duplicates and without, on the disk that TMPDIR lies on. Hidden:
// `HARVEST_TEST_SCALE=100 harvest_publish_test "what labelling costs with near-duplicates"` is a million pairs.
using namespace harvest;
using namespace harvest::publish;

namespace {

constexpr int kPairs = 10'000;  // at scale 1
constexpr int kAnswerWords = 250;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}
double cpu_s() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}
long resident_mb_max() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss >> 10;
}

/// Answers of which every tenth says nearly what one of the last ten thousand said, and all begin alike.
class Teacher {
 public:
  std::string answer() {
    const bool again = !seeds_.empty() && random_() % 10 == 0;
    const uint32_t seed = again ? seeds_[random_() % seeds_.size()] : static_cast<uint32_t>(random_());
    if (!again && seeds_.size() < 10'000) seeds_.push_back(seed);
    std::mt19937 words(seed);
    std::string text = "Let us take it step by step and see what is given and what is asked here.";
    for (int i = 0; i < kAnswerWords; ++i) {
      // Some are said otherwise.
      const uint32_t word = again && random_() % 100 == 0 ? random_() : words();
      text += " w" + std::to_string((word % 4096) * (word / 4096 % 4096) / 4096);
    }
    return text;
  }

 private:
  std::mt19937 random_{11};
  std::vector<uint32_t> seeds_;
};

}  // namespace

TEST_CASE("what labelling costs with near-duplicates", "[.near]") {
  const auto pairs = static_cast<size_t>(kPairs * testing::scale());
  constexpr size_t kAtOnce = 1000;
  Ready fixture;
  Teacher teacher;
  for (size_t made = 0; made < pairs; made += kAtOnce) {
    StoreFixture::Asked asked{.count = std::min(kAtOnce, pairs - made)};
    const uint64_t job = fixture.submit(asked);
    for (size_t i = 0; i < asked.count; ++i) {
      asked.text = teacher.answer();
      store::Settle settle = fixture.answered(asked, fixture.ask(asked, job, i));
      if (i + 1 < asked.count)
        fixture.store().apply(std::move(settle), [](const absl::Status&, const store::Applied&) {});
      else
        fixture.store().apply_and_wait(std::move(settle)).value();
    }
  }
  std::cout << pairs << " pairs, at most " << resident_mb_max() << " MB resident while they were made\n";
  for (const bool near_duplicates : {false, true}) {
    PublisherOptions with = fixture.options();
    with.labeller = std::make_shared<const quality::Labeller>(quality::BenchmarkList(), near_duplicates);
    Publisher publisher(fixture.store(), std::move(with));
    const double cpu = cpu_s();
    const auto begin = std::chrono::steady_clock::now();
    while (publisher.label_some().value()) {
    }
    std::cout << (near_duplicates ? "with" : "without") << " near-duplicates: " << seconds_since(begin) << " s, "
              << (cpu_s() - cpu) / static_cast<double>(pairs) * 1e6 << " us of CPU a pair, at most "
              << resident_mb_max() << " MB resident\n";
  }
  const auto dataset = fixture.store().dataset("maths");
  size_t near = 0;
  for (uint64_t first = 0; first < pairs; first += kAtOnce)
    for (const auto& row : fixture.store().labels(dataset->number(), first, kAtOnce))
      for (const v1::Label& label : row.labels.labels()) near += label.rule() == "near_duplicate";
  std::cout << near << " are near-duplicates\n";
  CHECK(dataset->clustered() == pairs);
  CHECK(near > pairs / 20);
}
