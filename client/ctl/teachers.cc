#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <chrono>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cpp/progress.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"

namespace harvest::ctl {
namespace {

constexpr int64_t kRecentUs = int64_t{24} * 3600 * 1'000'000;

std::string state_of(const v1::TeacherStatus& status) {
  return status.halted() ? "halted" : status.paused() ? "paused" : "ready";
}

/// Was it seen to have changed within the last 24 hours?
bool changed_lately(const v1::TeacherStatus& status) {
  if (status.epochs().empty() || status.epochs().rbegin()->cause() == "first") {
    return false;
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count() - status.epochs().rbegin()->since_us() <
         kRecentUs;
}

/// Of a quantile of its answers' lengths; 0: nobody knows it, as so many were cut off.
std::string told(uint64_t tokens) {
  return tokens > 0 ? absl::StrCat(tokens) : "more than their cap";
}

/// How its canaries stand.
std::string canaries_of(const v1::TeacherStatus& status) {
  const int configured = status.teacher().drift().canaries_size();
  if (configured == 0) {
    return "";
  }
  if (status.canaries_asked_at_us() == 0) {
    return absl::StrCat(configured, ", not asked yet");
  }
  return absl::StrCat(status.canaries_agreed(), " of ", status.canaries_told(), " that tell answered as before, of ",
                      configured, ", at ", client::short_time(status.canaries_asked_at_us()));
}

void show_epochs(Session& session, const v1::TeacherStatus& status) {
  for (const v1::TeacherEpoch& epoch : status.epochs()) {
    session.say(absl::StrCat("epoch ", epoch.number(), "  since ", client::short_time(epoch.since_us()), "  ",
                             epoch.cause(), epoch.model_reported().empty() ? "" : "  ", epoch.model_reported(),
                             epoch.system_fingerprint().empty() ? "" : "  ", epoch.system_fingerprint(),
                             epoch.detail().empty() ? "" : "  ", epoch.detail()));
  }
}

std::string purposes_of(const v1::Rights& rights) {
  return absl::StrJoin(rights.permits(), ",", [](std::string* out, int purpose) {
    out->append(absl::AsciiStrToLower(v1::Purpose_Name(static_cast<v1::Purpose>(purpose))));
  });
}

/// Those in force today, and what stands behind them.
std::string prices_of(const v1::TeacherStatus& status) {
  if (!status.has_prices_in_force()) {
    return "unknown: not asked";
  }
  const v1::Prices& prices = status.prices_in_force();
  std::string text = prices.free() ? "free"
                                   : absl::StrCat("$", prices.input_usd_per_mtok(), " in, $",
                                                  prices.output_usd_per_mtok(), " out per million tokens");
  if (!prices.cached_input_usd_per_mtok().empty()) {
    absl::StrAppend(&text, ", $", prices.cached_input_usd_per_mtok(), " cached");
  }
  for (const v1::SpecialPrices& special : prices.special()) {
    absl::StrAppend(&text, special.route().empty() ? "" : absl::StrCat(", ", special.route()),
                    special.service_tier().empty() ? "" : absl::StrCat(", tier ", special.service_tier()),
                    special.above_input_tokens() == 0 ? "" : absl::StrCat(", above ", special.above_input_tokens()),
                    " otherwise");
  }
  if (!prices.effective_on().empty()) {
    absl::StrAppend(&text, ", since ", prices.effective_on());
  }
  return prices.source().empty() ? text : absl::StrCat(text, " (", prices.source(), ")");
}

/// Whether its dialect has been seen to fit the teacher itself.
std::string verified(const v1::TeacherStatus& status) {
  const v1::Verification& verification = status.verification();
  const std::string when = client::short_time(verification.at_us());
  if (verification.at_us() == 0) {
    return "not probed: the dialect was tested against teachersim only";
  }
  return verification.live()
             ? absl::StrCat("against the live teacher, ", when, ", which answered as ", verification.model_reported())
             : absl::StrCat("against teachersim only, ", when);
}

void show_teachers(Session& session, const v1::ListTeachersReply& reply) {
  Table table(
      {"TEACHER", "STATE", "MODEL", "IN FLIGHT", "ANSWERED", "REFUSED", "THROTTLED", "FAULTED", "TODAY", "BOUND BY"});
  for (const v1::TeacherStatus& status : reply.teachers()) {
    table.add({status.teacher().name(), absl::StrCat(state_of(status), changed_lately(status) ? ", changed" : ""),
               status.teacher().model(), absl::StrCat(status.in_flight()), absl::StrCat(status.answered()),
               absl::StrCat(status.refused()), absl::StrCat(status.throttled()), absl::StrCat(status.faulted()),
               absl::StrCat(status.requests_today(), " requests, $", status.spent_today_usd()), status.binding()});
  }
  session.print(table);
}

void show_teacher(Session& session, const v1::TeacherStatus& status) {
  const v1::Teacher& teacher = status.teacher();
  session.print_facts({
      {"teacher", teacher.name()},
      {"state", state_of(status)},
      {"reason", status.halted() ? status.halt_reason() : status.pause_reason()},
      {"halted until", status.halted_until_us() == 0 ? "" : client::short_time(status.halted_until_us())},
      {"dialect", teacher.dialect()},
      {"model", teacher.model()},
      {"revision", teacher.model_revision()},
      {"limits", teacher.limits().ShortDebugString()},
      {"prices", prices_of(status)},
      {"verified", verified(status)},
      {"licence", teacher.rights().licence()},
      {"permits", purposes_of(teacher.rights())},
      {"evidence", teacher.rights().evidence()},
      {"reviewed", absl::StrCat(teacher.rights().reviewed_by(), " ", teacher.rights().reviewed_on())},
      {"expires", teacher.rights().expires_on()},
      {"rights version",
       absl::StrCat(status.rights_version(), teacher.rights().self_attested() ? ", self-attested" : "")},
      {"in flight", absl::StrCat(status.in_flight())},
      {"batches", status.batches_open() == 0 ? "" : absl::StrCat(status.batches_open(), " with the vendor")},
      {"outcomes", absl::StrCat(status.answered(), " answered, ", status.refused(), " refused, ", status.throttled(),
                                " throttled, ", status.faulted(), " faulted")},
      {"today", absl::StrCat(status.requests_today(), " requests, $", status.spent_today_usd(), " spent, $",
                             status.at_risk_today_usd(), " at risk")},
      {"this month", absl::StrCat("$", status.spent_month_usd(), " spent, $", status.at_risk_month_usd(), " at risk")},
      {"account", status.teacher().account()},
      {"answers",
       status.tokens().answers() == 0
           ? ""
           : absl::StrCat("output tokens ", told(status.tokens().output_tokens_median()), " in the median, ",
                          told(status.tokens().output_tokens_p99()), " at p99, of ", status.tokens().answers())},
      {"canaries", canaries_of(status)},
      {"bound by", status.binding()},
  });
  for (const v1::EndpointStatus& endpoint : status.endpoints()) {
    session.say(absl::StrCat("endpoint  ", endpoint.url(), "  ", endpoint.healthy() ? "healthy" : "unhealthy", "  ",
                             endpoint.in_flight(), " in flight", endpoint.last_error().empty() ? "" : "  ",
                             endpoint.last_error()));
  }
  show_epochs(session, status);
}

}  // namespace

void add_teachers(CLI::App& app, Session& session) {
  struct Flags {
    std::string name;
    std::string reason;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App& teachers = session.command(
      app, "teachers", "list, show, probe, pause and resume teachers; their prices and rights alerts", "teachers list");
  const auto shown = [&session](const absl::StatusOr<v1::TeacherStatus>& reply) {
    return session.answer(reply, [&session](const v1::TeacherStatus& status) { show_teacher(session, status); });
  };
  const auto verb = [&](const std::string& name, const std::string& what, std::function<int()> run) -> CLI::App& {
    CLI::App& command = session.command(teachers, name, what, absl::StrCat("teachers ", name, " qwen"), std::move(run));
    command.add_option("TEACHER", flags->name, "the teacher's name")->required();
    return command;
  };
  session.command(teachers, "list", "all teachers and how they stand", "teachers list", [&session] {
    return session.answer(session.client().teachers(), [&](const auto& reply) { show_teachers(session, reply); });
  });
  verb("show", "one teacher in full", [=, &session] { return shown(session.client().teacher(flags->name)); });
  verb("pause", "ask a teacher nothing until it is resumed", [=, &session] {
    return shown(session.client().pause_teacher(flags->name, flags->reason));
  }).add_option("--reason", flags->reason, "why, for those who look later");
  verb("resume", "ask again; lifts a halt too",
       [=, &session] { return shown(session.client().resume_teacher(flags->name)); });
  add_probe(teachers, session);
  add_prices(teachers, session);
  add_alerts(teachers, session);
}

}  // namespace harvest::ctl
