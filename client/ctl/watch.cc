#include "client/ctl/watch.h"

#include <chrono>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "client/cpp/endings.h"
#include "client/cpp/progress.h"
#include "client/cpp/terminal_text.h"

namespace harvest::ctl {
namespace {

constexpr uint32_t kEveryMs = 500;
constexpr uint64_t kEndingsShown = 10;

bool at_rest(const v1::JobStatus& job) {
  const v1::JobState state = job.record().state();
  return state == v1::FINISHED || ((state == v1::PAUSED || state == v1::CANCELLED) && job.in_flight() == 0);
}

/// What ended otherwise than in an answer, by name; never just a number.
void name_endings(Session& session, const v1::JobStatus& job) {
  if (const std::string unasked = client::unasked_line(job.record()); !unasked.empty()) {
    std::fprintf(stderr, "%s\n", unasked.c_str());
  }
  const uint64_t others = client::ended_otherwise(job.record().counters());
  if (others == 0) {
    return;
  }
  uint64_t shown = 0;
  const absl::Status status = client::each_ending(session.client(), job, kEndingsShown, [&](const auto& ending) {
    std::fprintf(stderr, "%s\n", client::ending_line(ending).c_str());
    return ++shown < kEndingsShown;
  });
  if (!status.ok()) {
    session.fail(status);
  }
  if (others > shown) {
    std::fprintf(stderr, "%llu of %llu that ended otherwise than in an answer; all: harvestctl jobs endings %s\n",
                 static_cast<unsigned long long>(shown), static_cast<unsigned long long>(others),
                 job.record().id().c_str());
  }
}

/// How it stood last; an error where it cannot be watched, CANCELLED where an interrupt left it going on.
absl::StatusOr<v1::JobStatus> follow(Session& session, const std::string& job_id, bool json) {
  catch_interrupts();
  client::Progress progress = client::Progress::on(stderr);
  v1::JobStatus last;
  const absl::Status status = session.client().watch_job(job_id, kEveryMs, [&](const v1::JobStatus& job) {
    last = job;
    if (json) {
      session.print_json(job);
    } else {
      progress.show(job, std::chrono::steady_clock::now().time_since_epoch());
    }
    return !at_rest(job) && !interrupted();
  });
  if (!json) {
    progress.finish();
  }
  if (!status.ok()) {
    return status;
  }
  if (!at_rest(last)) {
    return absl::CancelledError(absl::StrCat("the job goes on: harvestctl jobs watch ", job_id));
  }
  if (last.record().state() == v1::PAUSED) {
    std::fprintf(stderr, "paused: %s\n", client::safe_text(last.record().reason()).c_str());
  }
  return last;
}

int fail_watch(Session& session, const absl::Status& status) {
  if (!absl::IsCancelled(status)) {
    return session.fail(status);
  }
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return client::kInterrupted;
}

}  // namespace

int watch(Session& session, const std::string& job_id) {
  const auto last = follow(session, job_id, session.json);
  if (!last.ok()) {
    return fail_watch(session, last.status());
  }
  name_endings(session, *last);
  return client::exit_code_of(*last);
}

int watch_quietly(Session& session, const std::string& job_id) {
  const auto last = follow(session, job_id, false);
  return last.ok() ? client::exit_code_of(*last) : fail_watch(session, last.status());
}

}  // namespace harvest::ctl
