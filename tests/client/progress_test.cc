#include "client/cpp/progress.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "client/cpp/terminal_text.h"

using namespace harvest::client;
namespace v1 = harvest::v1;
using namespace std::chrono_literals;

namespace {

v1::JobStatus job() {
  v1::JobStatus status;
  v1::JobRecord& record = *status.mutable_record();
  record.set_id("j_1");
  record.set_state(v1::RUNNING);
  record.mutable_counters()->set_queries(1000);
  record.mutable_counters()->set_answered(500);
  record.mutable_counters()->set_refused(2);
  record.mutable_counters()->set_spent_picodollars(1'230'000'000'000);
  status.set_pairs_per_second(12.5);
  status.set_tokens_per_second(45000);
  status.set_eta_seconds(75);
  status.set_binding("input_tokens");
  status.set_max_cost_usd("5");
  return status;
}

/// What a Progress writes.
struct Paper {
  char* text = nullptr;
  size_t size = 0;
  FILE* file = open_memstream(&text, &size);
  ~Paper() {
    std::fclose(file);
    std::free(text);
  }
  std::string read() {
    std::fflush(file);
    return std::string(text, size);
  }
};

}  // namespace

TEST_CASE("the bar says how far how fast and how dear in any width", "[client]") {
  CHECK(progress_bar(job(), 110).find("]  50.2 %   502/1.0k    12/s  $1.23 of $5     eta 1:15") != std::string::npos);
  CHECK(progress_details(job(), 100) == "j_1  in flight 0  45.0k tok/s  refused 2  waits for input_tokens");
  v1::JobStatus unbound = job();
  unbound.set_binding("none");
  CHECK(progress_details(unbound, 100) == "j_1  in flight 0  45.0k tok/s  refused 2");
  v1::JobStatus finished = job();
  finished.mutable_record()->set_state(v1::FINISHED);
  finished.mutable_record()->set_created_at_us(1'000'000);
  finished.mutable_record()->set_finished_at_us(63'000'000);
  CHECK(progress_bar(finished, 110).find("]  50.2 %   502/1.0k  $1.23 of $5  in 1:02") != std::string::npos);
  finished.mutable_record()->mutable_counters()->set_reused(100);
  finished.mutable_record()->mutable_counters()->set_saved_picodollars(250'000'000'000);
  CHECK(progress_bar(finished, 110).find("$1.23 of $5, saved $0.25  in 1:02") != std::string::npos);
  CHECK(progress_line(finished).find(" reused=100 saved_usd=0.25") != std::string::npos);
  for (size_t columns = 1; columns < 200; ++columns) {
    CHECK(columns_of(progress_bar(job(), columns)) <= columns);
    CHECK(columns_of(progress_details(job(), columns)) <= columns);
  }
}

TEST_CASE("a teacher that is down is named where its job waits for it", "[client]") {
  v1::JobStatus waiting = job();
  waiting.set_binding("backoff");
  waiting.set_backoff_reason("teacher t at http://h/v1: connect_failed: Connection\x1b refused");
  CHECK(progress_details(waiting, 120).find("waits for teacher t at http://h/v1: connect_failed: Connection\\u001b") !=
        std::string::npos);
  CHECK(progress_line(waiting).find(" binding=backoff backoff=\"teacher t at http://h/v1: connect_failed") !=
        std::string::npos);
}

TEST_CASE("queries that a cancelled job never asked are not done", "[client]") {
  v1::JobStatus cancelled = job();
  cancelled.mutable_record()->set_state(v1::CANCELLED);
  cancelled.mutable_record()->mutable_counters()->set_cancelled(498);
  CHECK(progress_line(cancelled).find("done=502/1000") != std::string::npos);
}

TEST_CASE("a terminal is repainted in place and other files get a line every few seconds", "[client]") {
  Paper terminal;
  Progress painted({.out = terminal.file, .repaint = true});
  painted.show(job(), 0s);
  painted.show(job(), 1s);
  painted.finish();
  CHECK(terminal.read().find("\x1b[1A") != std::string::npos);
  CHECK(terminal.read().back() == '\n');

  Paper file;
  Progress plain({.out = file.file});
  plain.show(job(), 0s);
  plain.show(job(), 1s);
  plain.show(job(), 6s);
  v1::JobStatus paused = job();
  paused.mutable_record()->set_state(v1::PAUSED);
  paused.mutable_record()->set_reason("budget\x1b[2J");
  plain.show(paused, 7s);
  plain.finish();
  const std::string text = file.read();
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.find("job=j_1 state=running done=502/1000 answered=500") == 0);
  CHECK(text.find("reason=\"budget\\u001b[2J\"") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("other lines stand above the bar and are not wiped out", "[client]") {
  Paper terminal;
  Progress painted({.out = terminal.file, .repaint = true});
  painted.show(job(), 0s);
  painted.say("a warning");
  painted.show(job(), 1s);
  painted.finish();
  const std::string text = terminal.read();
  // The bar is wiped out before the line; after it nothing goes up any more.
  CHECK(text.find("\x1b[1A\r\x1b[Ja warning\n") != std::string::npos);
  CHECK(text.find("\x1b[1A", text.find("a warning")) == std::string::npos);
}

TEST_CASE("text of others cannot steer a terminal", "[client]") {
  CHECK(safe_text("a\x1b[31mb\r\n\t\x7f") == "a\\u001b[31mb\\u000d\\n\\t\\u007f");
  CHECK(safe_text("a\nb\tc", true) == "a\nb\tc");
  CHECK(safe_text("\xC2\x9B"
                  "31m") == "\\u009b31m");
  CHECK(safe_text("\xE2\x80\xAE") == "\\u202e");
  CHECK(safe_text("\xC0\x9B\xFF") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(safe_text("héllo 世界 😀") == "héllo 世界 😀");
  CHECK(cut_to("héllo", 3) == "hé…");
  CHECK(columns_of("héllo") == 5);
}

TEST_CASE("durations and counts are short", "[client]") {
  CHECK(short_duration(-1) == "?");
  CHECK(short_duration(0) == "0:00");
  CHECK(short_duration(75) == "1:15");
  CHECK(short_duration(7510) == "2:05:10");
  CHECK(short_duration(90000 * 3.0) == "3d 3h");
  CHECK(short_count(0) == "0");
  CHECK(short_count(950) == "950");
  CHECK(short_count(12345) == "12.3k");
  CHECK(short_count(4.5e6) == "4.5M");
}
