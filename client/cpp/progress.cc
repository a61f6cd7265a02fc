#include "client/cpp/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cpp/terminal_text.h"
#include "proto/text/money.h"
#include "proto/text/time.h"

namespace harvest::client {
namespace {

constexpr size_t kBarColumnsMax = 40;
constexpr size_t kBarColumnsMin = 10;
constexpr char kNothingBinds[] = "none";  // as the service says it
constexpr int kMoneyColumns = 13;         // "$0.01234 of $"

double share_ended(const v1::JobStatus& job) {
  const uint64_t queries = job.record().counters().queries();
  return queries == 0 ? 0 : std::min(1.0, static_cast<double>(ended(job.record().counters())) / queries);
}

std::string money_of(const v1::JobStatus& job) {
  const v1::JobCounters& counters = job.record().counters();
  std::string out = absl::StrCat("$", text::format_usd_short(counters.spent_picodollars()));
  if (!job.max_cost_usd().empty()) {
    absl::StrAppend(&out, " of $", safe_text(job.max_cost_usd()));
  }
  return out;
}

/// Why it is not faster, or not going at all.
std::string why(const v1::JobStatus& job) {
  if (job.record().state() == v1::PAUSED || job.record().state() == v1::CANCELLED) {
    return absl::StrCat(state_name(job.record().state()), job.record().reason().empty() ? "" : ": ",
                        safe_text(job.record().reason()));
  }
  if (job.service_halted()) {
    return "the service is halted";
  }
  if (!job.backoff_reason().empty()) {
    return absl::StrCat("waits for ", safe_text(job.backoff_reason()));
  }
  return job.binding().empty() || job.binding() == kNothingBinds ? ""
                                                                 : absl::StrCat("waits for ", safe_text(job.binding()));
}

}  // namespace

uint64_t ended(const v1::JobCounters& counters) {
  return counters.answered() + counters.refused() + counters.rejected() + counters.quarantined() + counters.unasked();
}

std::string state_name(v1::JobState state) {
  return absl::AsciiStrToLower(v1::JobState_Name(state));
}

std::string short_duration(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) {
    return "?";
  }
  const uint64_t whole = static_cast<uint64_t>(std::ceil(seconds));
  if (whole >= 86400) {
    return absl::StrFormat("%dd %dh", whole / 86400, whole % 86400 / 3600);
  }
  if (whole >= 3600) {
    return absl::StrFormat("%d:%02d:%02d", whole / 3600, whole % 3600 / 60, whole % 60);
  }
  return absl::StrFormat("%d:%02d", whole / 60, whole % 60);
}

std::string short_time(int64_t utc_us) {
  return text::format_utc(utc_us - utc_us % 1'000'000);
}

std::string counted(uint64_t count, const std::string& noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

std::string short_count(double count) {
  if (count < 999.5) {
    return absl::StrFormat(count < 9.95 && count != std::floor(count) ? "%.1f" : "%.0f", count);
  }
  const char* units[] = {"k", "M", "G", "T"};
  size_t unit = 0;
  for (count /= 1000; count >= 999.5 && unit < 3; count /= 1000) {
    ++unit;
  }
  return absl::StrFormat(count < 99.95 ? "%.1f%s" : "%.0f%s", count, units[unit]);
}

std::string progress_line(const v1::JobStatus& job) {
  const v1::JobRecord& record = job.record();
  const v1::JobCounters& counters = record.counters();
  std::string line = absl::StrFormat(
      "job=%s state=%s done=%d/%d answered=%d refused=%d rejected=%d in_flight=%d pairs_per_second=%.1f "
      "tokens_per_second=%.0f spent_usd=%s",
      record.id(), state_name(record.state()), ended(counters), counters.queries(), counters.answered(),
      counters.refused(), counters.rejected(), job.in_flight(), job.pairs_per_second(), job.tokens_per_second(),
      text::format_usd(counters.spent_picodollars()));
  if (counters.reused() > 0) {
    absl::StrAppend(&line, " reused=", counters.reused(),
                    " saved_usd=", text::format_usd(counters.saved_picodollars()));
  }
  if (!job.max_cost_usd().empty()) {
    absl::StrAppend(&line, " max_cost_usd=", safe_text(job.max_cost_usd()));
  }
  if (record.state() == v1::RUNNING) {
    absl::StrAppend(&line, " eta=", short_duration(job.eta_seconds()));
  }
  if (!job.binding().empty()) {
    absl::StrAppend(&line, " binding=", safe_text(job.binding()));
  }
  if (!job.backoff_reason().empty()) {
    absl::StrAppend(&line, " backoff=\"", safe_text(job.backoff_reason()), "\"");
  }
  if (!record.reason().empty()) {
    absl::StrAppend(&line, " reason=\"", safe_text(record.reason()), "\"");
  }
  return line;
}

namespace {

/// What stands beside the bar. Padded, so that the bar keeps its place while figures grow.
std::string figures_of(const v1::JobStatus& job) {
  const v1::JobRecord& record = job.record();
  const std::string all = short_count(static_cast<double>(record.counters().queries()));
  const std::string done = short_count(static_cast<double>(ended(record.counters())));
  const std::string share =
      absl::StrFormat(" %5.1f %%  %*s/%s", 100 * share_ended(job), static_cast<int>(all.size()), done, all);
  const std::string spent = money_of(job);
  if (record.state() == v1::FINISHED) {
    const double seconds = static_cast<double>(record.finished_at_us() - record.created_at_us()) / 1e6;
    const int64_t saved = record.counters().saved_picodollars();
    return absl::StrCat(share, "  ", spent, saved > 0 ? absl::StrCat(", saved $", text::format_usd_short(saved)) : "",
                        "  in ", short_duration(seconds));
  }
  return absl::StrFormat("%s  %4s/s  %-*s  eta %4s", share, short_count(job.pairs_per_second()),
                         kMoneyColumns + static_cast<int>(job.max_cost_usd().size()), spent,
                         record.state() == v1::RUNNING ? short_duration(job.eta_seconds()) : "-");
}

}  // namespace

std::string progress_bar(const v1::JobStatus& job, size_t columns) {
  const std::string figures = figures_of(job);
  const size_t taken = columns_of(figures) + 2;
  const size_t room = columns > taken ? columns - taken : 0;
  if (room < kBarColumnsMin) {
    return cut_to(figures.substr(1), columns);
  }
  const size_t width = std::min(room, kBarColumnsMax);
  const size_t full = static_cast<size_t>(share_ended(job) * static_cast<double>(width));
  std::string bar(full, '=');
  bar.resize(width, ' ');
  if (full > 0 && full < width) {
    bar[full - 1] = '>';
  }
  return absl::StrCat("[", bar, "]", figures);
}

std::string progress_details(const v1::JobStatus& job, size_t columns) {
  const v1::JobCounters& counters = job.record().counters();
  std::string out = absl::StrCat(job.record().id(), "  in flight ", job.in_flight());
  if (job.record().state() == v1::RUNNING) {
    absl::StrAppend(&out, "  ", short_count(job.tokens_per_second()), " tok/s");
  }
  const auto add = [&out](const char* what, uint64_t count) {
    if (count > 0) {
      absl::StrAppend(&out, "  ", what, " ", count);
    }
  };
  add("refused", counters.refused());
  add("rejected", counters.rejected());
  add("quarantined", counters.quarantined());
  add("unasked", counters.unasked());
  add("reused", counters.reused());
  add("retries", counters.retries());
  const std::string cause = why(job);
  absl::StrAppend(&out, cause.empty() ? "" : "  ", cause);
  return cut_to(out, columns);
}

Progress Progress::on(FILE* out) {
  Options options;
  options.out = out;
  const int fd = fileno(out);
  options.repaint = is_terminal(fd);
  options.columns = [fd] { return terminal_columns(fd); };
  return Progress(std::move(options));
}

void Progress::repaint(const v1::JobStatus& job) {
  // One column is left free: a full line would wrap on some terminals, and the next repaint would miss it.
  const size_t columns = std::max<size_t>(options_.columns ? options_.columns() : kColumnsUsual, 2) - 1;
  std::string out = painted_ ? "\x1b[1A\r" : "";
  absl::StrAppend(&out, "\x1b[K", progress_bar(job, columns), "\n\x1b[K", progress_details(job, columns), "\r");
  std::fputs(out.c_str(), options_.out);
  std::fflush(options_.out);
  painted_ = true;
}

void Progress::show(const v1::JobStatus& job, std::chrono::nanoseconds now) {
  last_ = job;
  if (options_.repaint) {
    repaint(job);
    return;
  }
  said_last_ = false;
  if (said_at_ && job.record().state() == said_state_ && now - *said_at_ < options_.plain_every) {
    return;
  }
  std::fprintf(options_.out, "%s\n", progress_line(job).c_str());
  std::fflush(options_.out);
  said_at_ = now;
  said_state_ = job.record().state();
  said_last_ = true;
}

void Progress::say(const std::string& line) {
  std::fprintf(options_.out, "%s%s\n", painted_ ? "\x1b[1A\r\x1b[J" : "", line.c_str());
  std::fflush(options_.out);
  painted_ = false;
}

void Progress::finish() {
  if (painted_) {
    std::fputs("\n", options_.out);
    painted_ = false;
  } else if (!said_last_) {
    std::fprintf(options_.out, "%s\n", progress_line(last_).c_str());
    said_last_ = true;
  }
  std::fflush(options_.out);
}

}  // namespace harvest::client
