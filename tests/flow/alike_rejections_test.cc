#include "service/flow/alike_rejections.h"

#include <catch2/catch.hpp>

using harvest::dialect::Outcome;
using harvest::flow::AlikeRejections;
namespace v1 = harvest::v1;

namespace {
Outcome ended(v1::Outcome kind, const char* words) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.vendor_code = "invalid_request_error";
  outcome.message = words;
  return outcome;
}

/// After how many notes of this it was said to halt; 0: never in 100.
int halts_after(AlikeRejections& rejections, const char* words) {
  for (int i = 1; i <= 100; ++i)
    if (rejections.note(ended(v1::REJECTED, words))) return i;
  return 0;
}
}  // namespace

TEST_CASE("twenty rejections alike in a row halt", "[flow]") {
  AlikeRejections rejections;
  CHECK(halts_after(rejections, "unknown parameter: top_k") == 20);
}

TEST_CASE("an answer between says that the rest is well", "[flow]") {
  AlikeRejections rejections;
  for (int i = 0; i < 100; ++i) {
    for (int j = 0; j < 19; ++j) CHECK_FALSE(rejections.note(ended(v1::REJECTED, "too long")));
    CHECK_FALSE(rejections.note(ended(v1::ANSWERED, "")));
  }
}

TEST_CASE("different words are different causes, different figures are not", "[flow]") {
  AlikeRejections rejections;
  for (int i = 0; i < 100; ++i)
    CHECK_FALSE(rejections.note(ended(v1::REJECTED, i % 2 == 0 ? "too long" : "bad schema")));
  bool halted = false;
  for (int i = 0; i < 20; ++i)
    halted = rejections.note(ended(v1::REJECTED, ("found " + std::to_string(i) + " tokens").c_str()));
  CHECK(halted);
}

TEST_CASE("limits and faults say nothing of what was asked", "[flow]") {
  AlikeRejections rejections;
  for (int i = 0; i < 19; ++i) rejections.note(ended(v1::REJECTED, "bad"));
  CHECK_FALSE(rejections.note(ended(v1::THROTTLED, "slow down")));
  CHECK_FALSE(rejections.note(ended(v1::FAULTED, "oops")));
  CHECK(rejections.note(ended(v1::REJECTED, "bad")));
}
