#include "client/cpp/endings.h"

#include <catch2/catch.hpp>

using namespace harvest::client;
namespace v1 = harvest::v1;

TEST_CASE("an ending names its prompt as far as it is known", "[client]") {
  v1::Ending ending;
  ending.set_prompt(3);
  ending.set_teacher("qwen");
  ending.set_outcome("refused");
  CHECK(ending_line(ending) == "prompt 3, sample 0, teacher qwen: refused");
  ending.set_line(4);
  ending.set_custom_id("c-17");
  ending.set_sample(2);
  ending.set_outcome("rejected");
  ending.set_vendor_code("bad_request");
  ending.set_message("no\x1b[2J");
  CHECK(ending_line(ending) == "prompt 3 (line 4, c-17), sample 2, teacher qwen: rejected bad_request: no\\u001b[2J");
}

TEST_CASE("queries that were never asked are no endings", "[client]") {
  v1::JobRecord job;
  v1::JobCounters& counters = *job.mutable_counters();
  counters.set_refused(1);
  counters.set_rejected(2);
  counters.set_quarantined(3);
  counters.set_cancelled(4);
  CHECK(ended_otherwise(counters) == 6);
  CHECK(unasked_line(job).empty());
  counters.set_unasked(2);
  CHECK(unasked_line(job).find("2 queries were not asked: turns after") == 0);
  job.mutable_job()->set_until("not refused");
  CHECK(unasked_line(job).find("2 queries were not asked: samples after one that was accepted") == 0);
}
