#include "service/config/guard_checks.h"

#include <catch2/catch.hpp>
#include <map>

#include "service/config/drift_checks.h"

namespace guard_checks_test {

using namespace harvest;

namespace {

using Wrong = std::map<std::string, std::string>;

Wrong of(const v1::Guard& guard) {
  Wrong wrong;
  config::check_guard(guard, [&](const std::string& field, const std::string& what) { wrong[field] = what; });
  return wrong;
}

Wrong of(const v1::DriftWatch& watch) {
  Wrong wrong;
  config::check_drift(watch, [&](const std::string& field, const std::string& what) { wrong[field] = what; });
  return wrong;
}

}  // namespace

TEST_CASE("a guard that watches nothing or states what can be proved is none to complain about", "[config]") {
  v1::Guard guard;
  CHECK(of(guard).empty());
  guard.set_refused_max(0.2);
  guard.set_truncated_max(0.9);
  guard.set_window_answers(100'000);
  CHECK(of(guard).empty());
}

TEST_CASE("every mistake of a guard is told by its field", "[config]") {
  v1::Guard guard;
  guard.set_refused_max(1.2);
  guard.set_truncated_max(-0.1);
  guard.set_empty_max(1);
  guard.set_duplicate_max(0.95);
  const Wrong wrong = of(guard);
  CHECK(wrong.size() == 4);
  CHECK(wrong.at("duplicate_max") ==
        "found 0.95, which 200 answers cannot prove; expected less, or window_answers of at least 305");
  v1::Guard window;
  for (const uint32_t answers : {1u, 19u, 100'001u}) {
    window.set_window_answers(answers);
    CHECK(of(window).count("window_answers") == 1);
  }
}

TEST_CASE("a drift watch has canaries that are texts and rounds that are not wild", "[config]") {
  v1::DriftWatch watch;
  CHECK(of(watch).empty());
  watch.add_canaries("Name a prime.");
  watch.set_every_minutes(10'080);
  watch.set_max_output_tokens(4096);
  CHECK(of(watch).empty());
  watch.add_canaries(" \n");
  watch.add_canaries("Name a prime.");
  watch.set_every_minutes(10'081);
  watch.set_max_output_tokens(4097);
  const Wrong wrong = of(watch);
  CHECK(wrong.size() == 4);
  CHECK(wrong.at("canaries[1]") == "found an empty one, expected a prompt");
  CHECK(wrong.at("canaries[2]").find("a second time") != std::string::npos);
  for (int i = 3; i < 21; ++i) watch.add_canaries(std::to_string(i));
  CHECK(of(watch).count("canaries") == 1);
}

}  // namespace guard_checks_test
