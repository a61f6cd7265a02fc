#include <catch2/catch.hpp>

#include "rig.h"

namespace harvest::store::test {
namespace {

PlanKey key_of(uint8_t prompts, const std::string& tenant = "default") {
  PlanKey key{.tenant = tenant};
  key.prompts.fill(prompts);
  key.job.fill(7);
  return key;
}

v1::Plan plan_of(const std::string& id, int64_t made_at_us = 1) {
  v1::Plan plan;
  plan.set_id(id);
  plan.set_made_at_us(made_at_us);
  return plan;
}

}  // namespace

TEST_CASE("a plan is kept over a crash and goes with the job that is committed under its key", "[store]") {
  Rig rig;
  rig.open();
  rig.must(PutPlan{key_of(1), plan_of("first")});
  rig.must(PutPlan{key_of(1), plan_of("second")});
  rig.must(PutPlan{key_of(1, "another"), plan_of("another's")});
  rig.crash();
  rig.open();
  CHECK(rig->plan(key_of(1))->id() == "second");
  CHECK(rig->plan(key_of(2)).status().code() == absl::StatusCode::kNotFound);
  const uint64_t job = rig.draft();
  REQUIRE(rig.add(job, 0, 2).ok());
  rig.must(CommitDraft{job, 2, 0, key_of(1, "another")});
  const uint64_t other = rig.draft();
  REQUIRE(rig.add(other, 0, 2).ok());
  rig.must(CommitDraft{other, 2, 0, key_of(2)});
  rig.close();
  rig.open();
  CHECK(rig->job(job)->plan().id() == "another's");
  CHECK_FALSE(rig->job(other)->has_plan());
  rig.close();
  CHECK(recount(rig.options) == kAgreement);
}

TEST_CASE("of too many plans the oldest go", "[store]") {
  Rig rig;
  rig.open();
  const auto numbered = [](size_t i) {
    PlanKey key = key_of(static_cast<uint8_t>(i));
    key.prompts[1] = static_cast<uint8_t>(i >> 8);
    return key;
  };
  // Made in another order than their keys have.
  for (size_t i = 0; i < kPlansKept + 5; ++i)
    rig->apply(PutPlan{numbered(i), plan_of("p", static_cast<int64_t>((i * 7919) % 2003))}, [](auto&, auto&) {});
  rig.must(PutPlan{numbered(kPlansKept + 5), plan_of("last", 5000)});
  size_t kept = 0;
  for (size_t i = 0; i <= kPlansKept + 5; ++i) {
    if (rig->plan(numbered(i)).ok()) ++kept;
  }
  CHECK(kept == kPlansKept);
  CHECK(rig->plan(numbered(kPlansKept + 5))->id() == "last");
  CHECK_FALSE(rig->plan(numbered(0)).ok());  // made at 0: the oldest of all
}

}  // namespace harvest::store::test
