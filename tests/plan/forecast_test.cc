#include "service/plan/forecast.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

using namespace harvest::plan;

namespace {

constexpr int kDraws = 1200;

/// A kind of job: how many prompts of how many sizes, how their answers' lengths are distributed, how large a pilot.
struct Setting {
  std::string name;
  double sigma = 0;  ///< of the log of an answer's length
  double cap = 1e9;  ///< tokens: longer answers are cut off
  int prompts = 3000;
  int strata = 1;
  int pilot = 32;
  double output_usd = 10e-6;
  double two_modes = 0;  ///< the share of answers that are ten times as long
};

struct World {
  std::vector<Stratum> strata;
  double truth = 0;  ///< what the prompts that the pilot did not ask cost
};

World draw(const Setting& setting, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  World world;
  for (int h = 0; h < setting.strata; ++h) {
    Stratum& stratum = world.strata.emplace_back();
    const double log_median = std::log(200.0 * (1 + 0.5 * h));
    for (int i = 0; i < setting.prompts / setting.strata; ++i) {
      const double bytes = 64 * std::exp2(h) * (1 + uniform(random));
      double output = std::exp(log_median + setting.sigma * normal(random));
      if (uniform(random) < setting.two_modes) output *= 10;
      output = std::ceil(std::min(output, setting.cap));
      const double input_usd = bytes / 4 * (0.8 + 0.4 * uniform(random)) * 1e-6;
      const double output_usd = output * setting.output_usd;
      stratum.prompts += 1;
      stratum.bytes += bytes;
      if (i < setting.pilot / setting.strata)
        stratum.rows.push_back({bytes, input_usd, output_usd, 0});
      else
        world.truth += input_usd + output_usd;
    }
  }
  return world;
}

}  // namespace

TEST_CASE("nine in ten jobs cost what was foretold, whatever their answers' lengths are like", "[plan]") {
  const Setting setting =
      GENERATE(Setting{"even", 0.3}, Setting{"log-normal", 0.6}, Setting{"skewed", 1.0},
               Setting{"skewed, cut off at a cap", 1.0, 1024}, Setting{"very skewed, cut off at a cap", 1.4, 2048},
               Setting{"a small job", 0.7, 1024, 120}, Setting{"sizes apart", 0.6, 1e9, 3000, 4},
               Setting{"a small pilot", 0.6, 1e9, 3000, 1, 12}, Setting{"a large pilot", 1.0, 1e9, 5000, 4, 96},
               Setting{"a tenth of the answers is ten times as long", 0.4, 1e9, 3000, 1, 64, 10e-6, 0.1},
               Setting{"input alone", 0.6, 1e9, 3000, 2, 32, 0});
  std::mt19937_64 random(7);
  int within = 0, below = 0, above = 0;
  double width = 0;
  for (int i = 0; i < kDraws; ++i) {
    const World world = draw(setting, random);
    const Interval foretold = forecast(world.strata);
    world.truth<foretold.low ? ++below : world.truth> foretold.high ? ++above : ++within;
    width += (foretold.high - foretold.low) / foretold.expected / kDraws;
  }
  std::printf("%-45s within %.3f, below %.3f, above %.3f; width %.2f of what is expected\n", setting.name.c_str(),
              1.0 * within / kDraws, 1.0 * below / kDraws, 1.0 * above / kDraws, width);
  CHECK(within >= 0.85 * kDraws);
  // What the sample's error alone asks for is 2 x 1.7 x (coefficient of variation) / sqrt(n): no more than twice that.
  const double variation = std::sqrt(std::expm1(setting.sigma * setting.sigma)) + 3 * std::sqrt(setting.two_modes);
  CHECK(width <= 2 * 3.4 * variation / std::sqrt(setting.pilot) + 0.02);
}

TEST_CASE("a job that was looked at whole is foretold to the cent", "[plan]") {
  const Interval foretold = forecast({{.prompts = 2, .bytes = 20, .rows = {{10, 1, 2, 0.5}, {10, 1, 3, 0}}}});
  CHECK(foretold.expected == Approx(0.5));
  CHECK(foretold.high < 5);  // what is asked again may come to something else
  const Interval kept = forecast({{.prompts = 2, .bytes = 20, .rows = {{10, 1, 2, 0}, {10, 1, 3, 0}}}});
  CHECK(kept.expected == 0);
  CHECK(kept.high == 0);
}

TEST_CASE("what grows with a prompt's bytes is foretold from bytes", "[plan]") {
  // The sample happens to hold short prompts: their mean would foretell too little.
  const Interval foretold =
      forecast({{.prompts = 100, .bytes = 20'000, .rows = {{100, 25, 0, 25}, {120, 30, 0, 30}, {110, 27.5, 0, 27.5}}}});
  CHECK(foretold.expected == Approx(5000));
  CHECK(foretold.low > 4900);
  CHECK(foretold.high < 5100);
}

TEST_CASE("a stratum with a lone row is joined with its neighbour", "[plan]") {
  const Stratum many{.prompts = 100, .bytes = 1000, .rows = {{10, 0, 1, 0}, {10, 0, 3, 0}}};
  const Stratum lone{.prompts = 10, .bytes = 200, .rows = {{20, 0, 2, 0}}};
  for (const auto& strata : {std::vector{many, lone}, std::vector{lone, many}}) {
    const Interval foretold = forecast(strata);
    CHECK(foretold.expected == Approx(2.0 * 107));
    CHECK(foretold.low > 0);
  }
}

TEST_CASE("one row alone foretells little", "[plan]") {
  const Interval foretold = forecast({{.prompts = 50, .bytes = 500, .rows = {{10, 0, 1, 0}}}});
  CHECK(foretold.expected == Approx(49));
  CHECK(foretold.low == 0);
  CHECK(foretold.high > 2 * 49);
}
