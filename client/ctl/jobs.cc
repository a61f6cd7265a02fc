#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cpp/endings.h"
#include "client/cpp/guard_flag.h"
#include "client/cpp/plan_text.h"
#include "client/cpp/progress.h"
#include "client/cpp/share_flags.h"
#include "client/cpp/terminal_text.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "client/ctl/watch.h"
#include "proto/text/money.h"
#include "proto/text/time.h"

namespace harvest::ctl {
namespace {

constexpr const char* kEndingColumns[] = {"PROMPT", "LINE",     "SAMPLE",    "TEACHER", "OUTCOME",
                                          "CODE",   "ATTEMPTS", "CUSTOM_ID", "MESSAGE"};

struct JobsFlags {
  std::string id;
  std::string reason;
  std::string max_cost;
  std::string priority;
  std::optional<std::string> deadline;
  client::ShareFlags share;
  client::GuardFlag guard;
  std::string where;
  uint32_t max_output = 0;
  uint64_t limit = 0;
  bool open = false;
};

std::string share(const v1::JobCounters& counters) {
  return absl::StrCat(client::ended(counters), "/", counters.queries());
}

/// What it gets of its teachers, where that was stated.
std::string shares(const v1::Job& job) {
  std::vector<std::string> said;
  if (job.weight() > 0) said.push_back(absl::StrCat("weight ", job.weight()));
  if (job.concurrency() > 0) said.push_back(absl::StrCat("at most ", job.concurrency(), " in flight"));
  for (const v1::TeacherShare& share : job.shares()) {
    if (share.floor() > 0) said.push_back(absl::StrCat("at least ", share.floor(), " of ", share.teacher()));
    if (share.has_ceiling())
      said.push_back(absl::StrCat("at most ", share.ceiling().ShortDebugString(), " of ", share.teacher()));
  }
  return absl::StrJoin(said, "; ");
}

/// Leaves out jobs that have ended.
void keep_open(v1::ListJobsReply* reply) {
  auto& jobs = *reply->mutable_jobs();
  jobs.erase(std::remove_if(jobs.begin(), jobs.end(),
                            [](const v1::JobStatus& job) {
                              const v1::JobState state = job.record().state();
                              return state == v1::FINISHED || state == v1::CANCELLED;
                            }),
             jobs.end());
}

void show_jobs(Session& session, const v1::ListJobsReply& reply) {
  Table table({"JOB", "STATE", "DONE", "ANSWERED", "SPENT", "DATASET", "TEACHERS", "CREATED", "NAME"});
  for (const v1::JobStatus& job : reply.jobs()) {
    const v1::JobRecord& record = job.record();
    table.add({record.id(), client::state_name(record.state()), share(record.counters()),
               absl::StrCat(record.counters().answered()),
               absl::StrCat("$", text::format_usd_short(record.counters().spent_picodollars())), record.job().dataset(),
               absl::StrJoin(record.job().teachers(), ","), client::short_time(record.created_at_us()),
               record.job().name()});
  }
  session.print(table);
}

std::string guard_of(const v1::Job& job) {
  if (!job.has_guard()) {
    return "";
  }
  const std::string guard = client::guard_text(job.guard());
  return guard.empty() ? "off" : guard;
}

/// What its last answers were like, by teacher.
void show_answer_rates(Session& session, const v1::JobStatus& job) {
  if (job.answer_rates().empty()) {
    return;
  }
  Table table({"TEACHER", "LAST ANSWERS", "REFUSED", "TRUNCATED", "EMPTY", "DUPLICATE"});
  for (const v1::AnswerRates& rates : job.answer_rates()) {
    const auto share = [&rates](uint64_t count) {
      const double all = static_cast<double>(std::max<uint64_t>(rates.answers(), 1));
      return absl::StrFormat("%.1f%%", 100 * static_cast<double>(count) / all);
    };
    table.add({rates.teacher(), absl::StrCat(rates.answers()), share(rates.refused()), share(rates.truncated()),
               share(rates.empty()), share(rates.duplicate())});
  }
  session.print(table);
}

/// Teachers of the job that were seen to have changed while it asked them.
void show_changed_teachers(Session& session, const v1::JobStatus& job) {
  const auto reply = session.client().teachers();
  if (!reply.ok()) {
    return;  // of the job, all was said
  }
  const v1::JobRecord& record = job.record();
  const auto& asked = record.job().teachers();
  for (const v1::TeacherStatus& teacher : reply->teachers()) {
    if (std::find(asked.begin(), asked.end(), teacher.teacher().name()) == asked.end()) {
      continue;
    }
    for (const v1::TeacherEpoch& epoch : teacher.epochs()) {
      const bool while_it_asked = epoch.since_us() > record.created_at_us() &&
                                  (record.finished_at_us() == 0 || epoch.since_us() < record.finished_at_us());
      if (epoch.cause() != "first" && while_it_asked) {
        session.say(absl::StrCat("teacher ", teacher.teacher().name(), " changed at ",
                                 client::short_time(epoch.since_us()), " (epoch ", epoch.number(), ", ", epoch.cause(),
                                 "): ", epoch.detail()));
      }
    }
  }
}

/// Batches that vendors have, or are to have.
void show_batches(Session& session, const v1::JobStatus& job) {
  if (job.batches().empty()) {
    return;
  }
  Table table({"BATCH", "TEACHER", "QUERIES", "STATE", "SINCE", "AT THE VENDOR", "WAITS BECAUSE"});
  for (const v1::Batch& batch : job.batches()) {
    const int64_t since_us = batch.handed_in_at_us() != 0 ? batch.handed_in_at_us() : batch.sealed_at_us();
    table.add({absl::StrCat(batch.number()), batch.teacher(), absl::StrCat(batch.members()),
               absl::AsciiStrToLower(absl::StrReplaceAll(v1::BatchState_Name(batch.state()), {{"_", " "}})),
               client::short_time(since_us),
               absl::StrCat(batch.vendor_id(), batch.vendor_status().empty() ? "" : ": ", batch.vendor_status()),
               batch.message()});
  }
  session.print(table);
}

void show_job(Session& session, const v1::JobStatus& job) {
  const v1::JobRecord& record = job.record();
  const v1::JobCounters& counters = record.counters();
  const auto count = [](uint64_t value) { return value == 0 ? std::string() : absl::StrCat(value); };
  const auto time = [](int64_t utc_us) { return utc_us == 0 ? std::string() : text::format_utc(utc_us); };
  session.print_facts({
      {"job", record.id()},
      {"name", record.job().name()},
      {"state", client::state_name(record.state())},
      {"reason", record.reason()},
      {"dataset", record.job().dataset()},
      {"teachers", absl::StrJoin(record.job().teachers(), ", ")},
      {"purpose", absl::AsciiStrToLower(v1::Purpose_Name(record.job().use().purpose()))},
      {"route", record.job().route() == v1::ONLINE ? "" : absl::AsciiStrToLower(v1::Route_Name(record.job().route()))},
      {"priority", absl::AsciiStrToLower(v1::Priority_Name(record.job().priority()))},
      {"shares", shares(record.job())},
      {"guard", guard_of(record.job())},
      {"created", time(record.created_at_us())},
      {"finished", time(record.finished_at_us())},
      {"prompts", absl::StrCat(counters.prompts())},
      {"done", share(counters)},
      {"answered", absl::StrCat(counters.answered())},
      {"refused", count(counters.refused())},
      {"rejected", count(counters.rejected())},
      {"quarantined", count(counters.quarantined())},
      {"unasked", count(counters.unasked())},
      {"until", record.job().until()},
      {"cancelled", count(counters.cancelled())},
      {"reused", count(counters.reused())},
      {"truncated", count(counters.truncated())},
      {"empty", count(counters.empty())},
      {"duplicates", count(counters.duplicates())},
      {"skipped lines", count(counters.skipped_lines())},
      {"attempts", absl::StrCat(counters.attempts(), " (", counters.retries(), " retries",
                                counters.hedges() == 0 ? "" : absl::StrCat(", ", counters.hedges(), " hedges"), ")")},
      {"tokens", absl::StrCat(counters.input_tokens(), " in, ", counters.output_tokens(), " out")},
      {"spent", absl::StrCat("$", text::format_usd(counters.spent_picodollars()))},
      {"saved", counters.saved_picodollars() == 0
                    ? ""
                    : absl::StrCat("$", text::format_usd(counters.saved_picodollars()), " (answers that were there)")},
      {"at risk",
       counters.at_risk_picodollars() == 0 ? "" : absl::StrCat("$", text::format_usd(counters.at_risk_picodollars()))},
      {"overbilled",
       counters.overbilled() == 0 ? "" : absl::StrCat(counters.overbilled(), " calls cost more than their bound")},
      {"cost cap", job.max_cost_usd().empty() ? "" : absl::StrCat("$", job.max_cost_usd())},
      {"in flight", count(job.in_flight())},
      {"in batches", count(job.in_batches())},
      {"rate", record.state() == v1::RUNNING ? absl::StrCat(client::short_count(job.pairs_per_second()), " pairs/s, ",
                                                            client::short_count(job.tokens_per_second()), " tokens/s")
                                             : ""},
      {"eta", record.state() == v1::RUNNING ? client::short_duration(job.eta_seconds()) : ""},
      {"waits for", job.backoff_reason().empty() ? job.binding() : job.backoff_reason()},
      {"service", job.service_halted() ? "halted" : ""},
  });
  if (const std::string line = client::plan_and_bill(record); !line.empty()) {
    session.say(line);
  }
  show_answer_rates(session, job);
  show_batches(session, job);
}

int show_endings(Session& session, const JobsFlags& flags) {
  const auto job = session.client().job(flags.id);
  if (!job.ok()) {
    return session.fail(job.status());
  }
  // Rows are shown as they come: there may be millions.
  if (!session.json) {
    std::printf("%s\n", absl::StrJoin(kEndingColumns, "\t").c_str());  // say() would show the tabs as \t
  }
  const absl::Status status = client::each_ending(session.client(), *job, flags.limit, [&](const auto& ending) {
    if (session.json) {
      session.print_json(ending);
      return true;
    }
    std::vector<std::string> cells = {absl::StrCat(ending.prompt()),
                                      ending.line() > 0 ? absl::StrCat(ending.line()) : "",
                                      absl::StrCat(ending.sample()),
                                      ending.teacher(),
                                      ending.outcome(),
                                      ending.vendor_code(),
                                      absl::StrCat(ending.attempts()),
                                      ending.custom_id(),
                                      ending.message()};
    for (std::string& cell : cells) {
      cell = client::safe_text(cell);
    }
    std::printf("%s\n", absl::StrJoin(cells, "\t").c_str());
    return true;
  });
  return status.ok() ? client::kOk : session.fail(status);
}

absl::StatusOr<v1::JobStatus> retry(Session& session, const JobsFlags& flags) {
  if (flags.where.empty() != (flags.max_output == 0)) {
    return absl::InvalidArgumentError(
        "found one of --where truncated and --max-output, expected both (to buy what was cut off) or none (to ask "
        "again "
        "what ended without an answer)");
  }
  return flags.where.empty() ? session.client().retry_job(flags.id)
                             : session.client().retry_truncated(flags.id, flags.max_output);
}

int retune(Session& session, const JobsFlags& flags) {
  v1::RetuneJobRequest request;
  request.set_job_id(flags.id);
  request.set_max_cost_usd(flags.max_cost);
  if (const auto cap = text::parse_usd(flags.max_cost); !flags.max_cost.empty() && !cap.ok()) {
    return session.fail(absl::InvalidArgumentError(absl::StrCat("--max-cost: ", cap.status().message())));
  }
  if (v1::Priority priority{}; v1::Priority_Parse(absl::AsciiStrToUpper(flags.priority), &priority)) {
    request.set_priority(priority);
  }
  if (flags.deadline) {
    request.set_deadline(*flags.deadline);
  }
  if (const absl::Status status = flags.share.put_on(&request); !status.ok()) {
    return session.fail(status);
  }
  if (const absl::Status status = flags.guard.put_on(&request); !status.ok()) {
    return session.fail(status);
  }
  if (flags.max_cost.empty() && flags.priority.empty() && !flags.deadline && !flags.share.any() && !flags.guard.any()) {
    return session.fail(absl::InvalidArgumentError(
        "found nothing to change, expected --max-cost, --deadline, --priority, --weight, --concurrency, --floor, "
        "--ceiling, --hedge or --guard"));
  }
  return session.answer(session.client().retune_job(request), [&](const auto& job) { show_job(session, job); });
}

}  // namespace

void add_jobs(CLI::App& app, Session& session) {
  auto flags = std::make_shared<JobsFlags>();
  CLI::App& jobs = session.command(app, "jobs", "list, show, watch and steer jobs", "jobs list");
  const auto verb = [&](const std::string& name, const std::string& what, const std::string& more,
                        std::function<int()> run) -> CLI::App& {
    CLI::App& command = session.command(
        jobs, name, what, absl::StrCat("jobs ", name, " j_01JD2X5V8Q0000000000000000", more), std::move(run));
    command.add_option("JOB", flags->id, "the job's id")->required();
    return command;
  };
  const auto shown = [&session](const absl::StatusOr<v1::JobStatus>& reply) {
    return session.answer(reply, [&session](const v1::JobStatus& job) { show_job(session, job); });
  };
  CLI::App& list = session.command(jobs, "list", "every job, oldest first", "jobs list --open", [&session, flags] {
    auto reply = session.client().jobs(true);
    if (reply.ok() && flags->open) {
      keep_open(&*reply);
    }
    return session.answer(reply, [&](const auto& jobs) { show_jobs(session, jobs); });
  });
  list.add_flag("--open", flags->open, "only those that have not ended");
  verb("show", "one job in full", "", [=, &session] {
    return session.answer(session.client().job(flags->id), [&session](const v1::JobStatus& job) {
      show_job(session, job);
      show_changed_teachers(session, job);
    });
  });
  verb("watch", "show a job until it ends; the exit code is the job's", "",
       [=, &session] { return watch(session, flags->id); });
  verb("pause", "start no further attempt of a job; those in flight are finished", " --reason 'looking at answers'",
       [=, &session] { return shown(session.client().pause_job(flags->id, flags->reason)); })
      .add_option("--reason", flags->reason, "why, for those who look later");
  verb("resume", "go on with a paused job", "",
       [=, &session] { return shown(session.client().resume_job(flags->id)); });
  verb("cancel", "end a job; what was answered stays", " --reason 'wrong prompts'", [=, &session] {
    return shown(session.client().cancel_job(flags->id, flags->reason));
  }).add_option("--reason", flags->reason, "why, for those who look later");
  CLI::App& again = verb(
      "retry", "ask again what ended without an answer (refusals stay); or, as a new job, what the output cap cut off",
      " --where truncated --max-output 4000", [=, &session] { return shown(retry(session, *flags)); });
  again
      .add_option("--where", flags->where,
                  "truncated: answers that ended at the output cap are bought again, under a larger one")
      ->check(CLI::IsMember({"truncated"}));
  again.add_option("--max-output", flags->max_output, "with --where truncated: the new cap, above the old one")
      ->check(CLI::Range(1u, 4294967295u));
  verb("endings", "every query that ended otherwise than in an answer, by name", " --limit 100", [=, &session] {
    return show_endings(session, *flags);
  }).add_option("--limit", flags->limit, "at most so many (0: all)");
  CLI::App& tune = verb("retune", "change a job's caps and shares while it runs", " --max-cost 20 --priority high",
                        [=, &session] { return retune(session, *flags); });
  tune.add_option("--max-cost", flags->max_cost, "hard cap on what the job spends in all")->type_name("USD");
  tune.add_option("--priority", flags->priority, "against other jobs")->check(CLI::IsMember({"low", "normal", "high"}));
  tune.add_option("--deadline", flags->deadline, "when it is to be done; '' for none")->type_name("TIME");
  flags->share.add_to(tune);
  flags->guard.add_to(tune);
}

}  // namespace harvest::ctl
