#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cpp/reconciliation.h"
#include "client/cpp/terminal_text.h"
#include "client/cpp/usage_export.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "proto/text/money.h"
#include "proto/text/time.h"
#include "storage/corpus/canonical_json.h"

namespace harvest::ctl {
namespace {

struct AuditFlags {
  std::string job;
  uint64_t limit = 0;
  std::string from, to;
  std::vector<std::string> teachers;
  std::vector<std::string> usage;
};

std::string dollars(int64_t picodollars) {
  return absl::StrCat("$", text::format_usd(picodollars));
}

int attempts(Session& session, const AuditFlags& flags) {
  uint64_t count = 0;
  int64_t bound = 0;
  // Rows are shown as they come: there may be many.
  const absl::Status status = session.client().lost_attempts(flags.job, flags.limit, [&](const v1::LostAttempt& lost) {
    if (session.json) {
      session.print_json(lost);
      return true;
    }
    if (count++ == 0) std::printf("ATTEMPT\tJOB\tPROMPT\tSAMPLE\tTEACHER\tAT MOST\tSTARTED\tFOUND\n");
    if (const auto cost = text::parse_usd(lost.cost_max_usd()); cost.ok()) bound += *cost;
    std::string sample = absl::StrCat(lost.sample());
    if (lost.samples() > 1) absl::StrAppend(&sample, "-", lost.sample() + lost.samples() - 1);
    std::vector<std::string> cells = {lost.attempt_id(),
                                      lost.job_id(),
                                      absl::StrCat(lost.prompt()),
                                      sample,
                                      lost.teacher(),
                                      absl::StrCat("$", lost.cost_max_usd()),
                                      text::format_utc(lost.started_at_us()),
                                      text::format_utc(lost.found_at_us())};
    for (std::string& cell : cells) cell = client::safe_text(cell);
    std::printf("%s\n", absl::StrJoin(cells, "\t").c_str());
    return true;
  });
  if (!status.ok()) return session.fail(status);
  session.say(count == 0
                  ? absl::StrCat("no crash is known to have left an attempt open",
                                 flags.job.empty() ? "" : absl::StrCat(" of job ", flags.job))
                  : absl::StrCat(count, count == 1 ? " attempt" : " attempts",
                                 " may have been billed without an answer, at most ", dollars(bound), " in all"));
  return client::kOk;
}

void show_bill(Session& session, const v1::Bill& bill) {
  Table table({"DAY", "TEACHER", "VENDOR", "MODEL", "REQUESTS", "TOKENS IN", "TOKENS OUT", "SPENT", "AT RISK"});
  for (const v1::Bill::Line& line : bill.lines())
    table.add({line.day(), line.teacher(), line.vendor(), line.model(), absl::StrCat(line.requests()),
               absl::StrCat(line.input_tokens()), absl::StrCat(line.output_tokens()),
               absl::StrCat("$", line.spent_usd()), absl::StrCat("$", line.at_risk_usd())});
  session.print(table);
  session.say(absl::StrCat("spent $", bill.spent_usd(), ", at risk $", bill.at_risk_usd()));
}

/// The bill's lines of these teachers alone, and their sums.
absl::StatusOr<v1::Bill> bill_of(Session& session, const AuditFlags& flags, const std::string& from,
                                 const std::string& to) {
  auto bill = session.client().bill(from, to);
  if (!bill.ok() || flags.teachers.empty()) return bill;
  for (const std::string& name : flags.teachers) {
    const auto named = [&](const v1::Bill::Line& line) { return line.teacher() == name; };
    if (std::any_of(bill->lines().begin(), bill->lines().end(), named)) continue;
    if (auto known = session.client().teacher(name); !known.ok()) return known.status();
  }
  v1::Bill kept;
  int64_t spent = 0, at_risk = 0;
  for (v1::Bill::Line& line : *bill->mutable_lines()) {
    if (std::find(flags.teachers.begin(), flags.teachers.end(), line.teacher()) == flags.teachers.end()) continue;
    spent += text::parse_usd(line.spent_usd()).value_or(0);
    at_risk += text::parse_usd(line.at_risk_usd()).value_or(0);
    *kept.add_lines() = std::move(line);
  }
  kept.set_spent_usd(text::format_usd(spent));
  kept.set_at_risk_usd(text::format_usd(at_risk));
  return kept;
}

std::string json_of(const client::Reconciliation::Line& line) {
  corpus::JsonObject json;
  if (line.day != 0) json.text("day", text::format_day(line.day));
  if (line.day != 0) json.text("model", line.model);
  json.text("spent_usd", text::format_usd(line.spent_picodollars));
  json.text("at_risk_usd", text::format_usd(line.at_risk_picodollars));
  json.number("input_tokens", line.input_tokens);
  json.number("output_tokens", line.output_tokens);
  if (line.billed_picodollars) {
    json.text("billed_usd", text::format_usd(*line.billed_picodollars));
    json.text("difference_usd", text::format_usd(*line.billed_picodollars - line.spent_picodollars));
  }
  if (line.billed_input_tokens) json.number("billed_input_tokens", *line.billed_input_tokens);
  if (line.billed_output_tokens) json.number("billed_output_tokens", *line.billed_output_tokens);
  json.boolean("agrees", line.agrees);
  return json.text();
}

void show_reconciliation(Session& session, const client::Reconciliation& result) {
  if (session.json) {
    std::vector<std::string> lines;
    for (const auto& line : result.lines) lines.push_back(json_of(line));
    std::printf("%s\n", client::safe_text(absl::StrCat("{\"lines\":[", absl::StrJoin(lines, ","),
                                                       "],\"total\":", json_of(result.total), "}"))
                            .c_str());
    return;
  }
  Table table({"DAY", "MODEL", "SPENT", "AT RISK", "BILLED", "DIFFERENCE", "TOKENS IN", "BILLED IN", "TOKENS OUT",
               "BILLED OUT", ""});
  const auto count = [](const std::optional<int64_t>& value) { return value ? absl::StrCat(*value) : ""; };
  const auto add = [&](const std::string& day, const client::Reconciliation::Line& line) {
    const auto& billed = line.billed_picodollars;
    table.add({day, line.day != 0 && line.model.empty() ? "all" : line.model, dollars(line.spent_picodollars),
               dollars(line.at_risk_picodollars), billed ? dollars(*billed) : "",
               billed ? dollars(*billed - line.spent_picodollars) : "", absl::StrCat(line.input_tokens),
               count(line.billed_input_tokens), absl::StrCat(line.output_tokens), count(line.billed_output_tokens),
               line.agrees ? "" : "DIFFERS"});
  };
  for (const auto& line : result.lines) add(text::format_day(line.day), line);
  add("total", result.total);
  session.print(table);
}

int reconcile(Session& session, const AuditFlags& flags) {
  client::UsageExport usage;
  for (const std::string& path : flags.usage) {
    auto page = client::read_usage_export(path);
    if (!page.ok()) return session.fail(page.status());
    usage.add(*std::move(page));
  }
  if (!usage.first_day)
    return session.fail(absl::InvalidArgumentError("--provider-usage: found no day, expected some"));
  // Of days that the export does not cover nothing can be said.
  const std::string from = flags.from.empty() ? text::format_day(*usage.first_day) : flags.from;
  const std::string to = flags.to.empty() ? text::format_day(*usage.last_day) : flags.to;
  const auto bill = bill_of(session, flags, from, to);
  if (!bill.ok()) return session.fail(bill.status());
  usage.keep(*text::parse_day(from), *text::parse_day(to));  // days: the service has read them
  const auto result = client::reconcile(*bill, usage);
  if (!result.ok()) return session.fail(result.status());
  show_reconciliation(session, *result);
  if (usage.more)
    std::fprintf(stderr, "the export has further pages (has_more): give each with a --provider-usage of its own\n");
  if (result->total.agrees) return client::kOk;
  std::fprintf(stderr, "the vendor's bill differs from ours by more than what is at risk and a cent a line\n");
  return client::kStore;
}

int bill(Session& session, const AuditFlags& flags) {
  if (!flags.usage.empty()) return reconcile(session, flags);
  return session.answer(bill_of(session, flags, flags.from, flags.to),
                        [&](const v1::Bill& bill) { show_bill(session, bill); });
}

}  // namespace

void add_audit(CLI::App& app, Session& session) {
  auto flags = std::make_shared<AuditFlags>();
  CLI::App& audit =
      session.command(app, "audit", "what was paid, or may have been, and proofs of what was kept", "audit bill");
  add_audit_log(audit, session);
  CLI::App& list = session.command(
      audit, "attempts", "attempts that a crash left open: each may have been billed without an answer",
      "audit attempts --job j_01JD2X5V8Q0000000000000000", [&session, flags] { return attempts(session, *flags); });
  list.add_option("--job", flags->job, "only of this job");
  list.add_option("--limit", flags->limit, "at most so many (0: all)");
  CLI::App& bill_command = session.command(
      audit, "bill", "money and tokens by day and teacher; reconciled with the vendor's export where one is given",
      "audit bill --from 2026-11-01 --to 2026-11-30 --provider-usage costs.json\n"
      "Exit code 8: the vendor's bill differs by more than what is at risk and a cent a line.",
      [&session, flags] { return bill(session, *flags); });
  bill_command
      .add_option("--from", flags->from, "first day, UTC (default: the export's first, else the first there is)")
      ->type_name("DAY");
  bill_command.add_option("--to", flags->to, "last day, UTC (default: the export's last, else the last there is)")
      ->type_name("DAY");
  bill_command.add_option("--teacher", flags->teachers, "only of these teachers")
      ->delimiter(',')
      ->type_name("NAME[,NAME]");
  bill_command
      .add_option("--provider-usage", flags->usage,
                  "the vendor's export: OpenAI's or Anthropic's costs or usage as JSON, or CSV with day, model, cost, "
                  "input_tokens, output_tokens; once for each page")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

}  // namespace harvest::ctl
