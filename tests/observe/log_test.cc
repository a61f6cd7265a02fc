#include "service/observe/log.h"

#include <spdlog/sinks/ostream_sink.h>

#include <catch2/catch.hpp>
#include <limits>
#include <sstream>

#include "service/observe/log_line.h"
#include "service/observe/rate_cap.h"

namespace harvest::observe::log {
namespace {

const auto kWhen = std::chrono::system_clock::time_point(std::chrono::milliseconds(1795326302118));

TEST_CASE("a JSON line holds time level event and fields in order", "[log]") {
  CHECK(
      json_line(kWhen, Level::kInfo, "job_finished",
                {{"job", "j_1"}, {"pairs", 3}, {"ok", true}, {"ratio", 0.5}, {"left", -2}, {"bytes", size_t{9}}}, 0) ==
      R"({"ts":"2026-11-22T05:45:02.118Z","level":"info","event":"job_finished","job":"j_1","pairs":3,"ok":true,"ratio":0.5,"left":-2,"bytes":9})");
}

TEST_CASE("a text line quotes only what needs it", "[log]") {
  CHECK(text_line(kWhen, Level::kWarn, "slow", {{"job", "j_1"}, {"why", "disk is full"}, {"empty", ""}, {"n", 3}}, 7) ==
        R"(2026-11-22T05:45:02.118Z warn  slow job=j_1 why="disk is full" empty="" n=3 suppressed=7)");
}

TEST_CASE("no value forges a line or steers a terminal", "[log]") {
  const std::string hostile =
      "a\nb\r\"\\\x1b[31m\x7f"
      "\xc2\x9b"
      "2J\xff\xc3\xa9";
  const std::string json = json_line(kWhen, Level::kError, "e", {{"v", hostile}}, 0);
  CHECK(json.find(R"("v":"a\u000ab\u000d\"\\\u001b[31m\u007f\u009b2J)"
                  "\xEF\xBF\xBD\xc3\xa9\"") != std::string::npos);
  const std::string text = text_line(kWhen, Level::kError, "e", {{"v", hostile}}, 0);
  for (const char c : text) CHECK(static_cast<unsigned char>(c) >= 0x20);
}

TEST_CASE("a sequence that is cut or overlong becomes the replacement character", "[log]") {
  for (const char* bad : {"\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}) {
    const std::string json = json_line(kWhen, Level::kInfo, "e", {{"v", bad}}, 0);
    INFO(json);
    CHECK(json.find("\"v\":\"\xEF\xBF\xBD") != std::string::npos);
  }
}

TEST_CASE("a number JSON does not know is null", "[log]") {
  CHECK(json_line(kWhen, Level::kInfo, "e", {{"v", std::numeric_limits<double>::quiet_NaN()}}, 0).find("\"v\":null}") !=
        std::string::npos);
}

TEST_CASE("each event passes so often a second and tells what was kept back", "[log]") {
  RateCap cap(2);
  RateCap::Instant now{};
  CHECK(cap.ask("a", now).pass);
  CHECK(cap.ask("a", now).pass);
  CHECK_FALSE(cap.ask("a", now).pass);
  CHECK_FALSE(cap.ask("a", now).pass);
  CHECK(cap.ask("b", now).pass);  // another event is another budget
  now += std::chrono::seconds(1);
  const RateCap::Verdict next = cap.ask("a", now);
  CHECK(next.pass);
  CHECK(next.suppressed == 2);
  CHECK(cap.ask("a", now).suppressed == 0);
  CHECK(cap.suppressed_total() == 2);
}

TEST_CASE("the log writes lines of its level and above in its format", "[log]") {
  std::ostringstream out;
  set_sink(std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  REQUIRE(configure("warn", "text").ok());
  info("quiet");
  warn("loud", {{"job", std::string("j_2")}});
  CHECK(out.str().find("quiet") == std::string::npos);
  CHECK(out.str().find("warn  loud job=j_2\n") != std::string::npos);

  REQUIRE(configure("debug", "json").ok());
  debug("percent {} %s %v", {{"text", "{}"}});  // neither spdlog's nor fmt's syntax means anything here
  CHECK(out.str().find(R"("event":"percent {} %s %v","text":"{}"})") != std::string::npos);

  set_rate_cap(1);
  for (int i = 0; i < 5; ++i) error("storm", {{"n", i}});
  CHECK(out.str().find("\"n\":0") != std::string::npos);
  CHECK(out.str().find("\"n\":4") == std::string::npos);
  CHECK(suppressed_total() >= 3);
  set_rate_cap(20);
}

TEST_CASE("a level or format that does not exist is refused and changes nothing", "[log]") {
  REQUIRE(configure("error", "json").ok());
  CHECK_FALSE(configure("loud", "json").ok());
  CHECK_FALSE(configure("info", "xml").ok());
  CHECK_FALSE(enabled(Level::kInfo));
  CHECK(enabled(Level::kError));
  REQUIRE(configure("", "").ok());
  CHECK(enabled(Level::kInfo));
}

}  // namespace
}  // namespace harvest::observe::log
