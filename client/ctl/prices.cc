#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cpp/price_file.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "proto/text/money.h"
#include "proto/text/time.h"

namespace harvest::ctl {
namespace {

struct PricesFlags {
  std::string file, day;
  std::vector<std::string> names;
};

/// The teachers named, or all that are not free; all mistakes are told at once, before anything is sent.
absl::StatusOr<v1::ImportPricesRequest> entries_of(const PricesFlags& flags, const v1::ListTeachersReply& teachers) {
  if (!flags.day.empty()) {
    if (auto day = text::parse_day(flags.day); !day.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("--effective-on: ", day.status().message()));
    }
  }
  auto file = client::PriceFile::read(flags.file);
  if (!file.ok()) {
    return file.status();
  }
  v1::ImportPricesRequest request;
  std::vector<std::string> mistakes, names = flags.names;
  for (const v1::TeacherStatus& status : teachers.teachers()) {
    const v1::Teacher& teacher = status.teacher();
    const auto named = std::find(names.begin(), names.end(), teacher.name());
    if (flags.names.empty() ? status.prices_in_force().free() : named == names.end()) {
      continue;
    }
    if (named != names.end()) {
      names.erase(named);
    }
    auto prices = file->prices_of(teacher);
    if (!prices.ok()) {
      mistakes.emplace_back(prices.status().message());
      continue;
    }
    prices->set_effective_on(flags.day);
    v1::ImportPricesRequest::Entry& entry = *request.add_entries();
    entry.set_teacher(teacher.name());
    *entry.mutable_prices() = *std::move(prices);
  }
  for (const std::string& name : names) {
    mistakes.push_back(absl::StrCat("teacher ", name, " not found"));
  }
  if (!mistakes.empty()) {
    mistakes.emplace_back("nothing was imported; --teacher NAME imports for some only");
    return absl::InvalidArgumentError(absl::StrJoin(mistakes, "\n"));
  }
  if (request.entries().empty()) {
    return absl::NotFoundError("no teacher needs prices: all are free");
  }
  return request;
}

void show_prices(const Session& session, const v1::ListTeachersReply& reply) {
  Table table({"TEACHER", "IN $/MTOK", "CACHED", "OUT $/MTOK", "SINCE", "SOURCE"});
  for (const v1::TeacherStatus& status : reply.teachers()) {
    const v1::Prices& prices = status.prices_in_force();
    table.add({status.teacher().name(), prices.free() ? "free" : prices.input_usd_per_mtok(),
               prices.cached_input_usd_per_mtok(), prices.output_usd_per_mtok(),
               prices.effective_on().empty() ? "always" : prices.effective_on(),
               prices.source().empty() ? "configuration" : prices.source()});
  }
  session.print(table);
}

}  // namespace

void add_prices(CLI::App& teachers, Session& session) {
  auto flags = std::make_shared<PricesFlags>();
  CLI::App& prices = session.command(teachers, "prices", "what the teachers cost", "teachers prices list");
  const auto shown = [&session](const absl::StatusOr<v1::ListTeachersReply>& reply) {
    return session.answer(reply, [&session](const v1::ListTeachersReply& all) { show_prices(session, all); });
  };
  session.command(prices, "list", "the prices in force today", "teachers prices list",
                  [shown, &session] { return shown(session.client().teachers()); });
  CLI::App& import = session.command(prices, "import", "take prices from a LiteLLM price file",
                                     "teachers prices import model_prices.json", [flags, shown, &session] {
                                       const auto all = session.client().teachers();
                                       if (!all.ok()) {
                                         return session.fail(all.status());
                                       }
                                       auto request = entries_of(*flags, *all);
                                       return request.ok() ? shown(session.client().import_prices(*request))
                                                           : session.fail(request.status());
                                     });
  import.add_option("FILE", flags->file, "the price file: JSON, dollars per token")->required();
  import.add_option("--teacher", flags->names, "for this teacher only; may be repeated");
  import.add_option("--effective-on", flags->day, "YYYY-MM-DD from which they hold; today where left out");
  CLI::App& drop = session.command(prices, "drop", "forget what was imported: the configuration's prices hold again",
                                   "teachers prices drop qwen", [flags, shown, &session] {
                                     v1::ImportPricesRequest request;
                                     for (const std::string& name : flags->names) {
                                       request.add_entries()->set_teacher(name);
                                     }
                                     return shown(session.client().import_prices(request));
                                   });
  drop.add_option("TEACHER", flags->names, "the teachers' names")->required();
}

}  // namespace harvest::ctl
