#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/cpp/access.h"
#include "client/cpp/web_page.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"

namespace harvest::ctl {
namespace {

struct ReceiptFlags {
  std::string dataset;
  std::string view = "default";
};

std::string text_of(const boost::json::object& receipt, const char* name) {
  const boost::json::value* value = receipt.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string().c_str()) : std::string();
}

std::string number_of(const boost::json::object& receipt, const char* name) {
  const boost::json::value* value = receipt.if_contains(name);
  return value != nullptr && value->is_number() ? absl::StrCat(value->to_number<uint64_t>()) : std::string();
}

void show_receipts(Session& session, const std::string& lines) {
  Table table({"AT", "PRINCIPAL", "TENANT", "WHAT", "BYTES", "WHOLE"});
  for (const auto line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse({line.data(), line.size()}, error);
    if (error || !value.is_object()) {
      continue;  // one that a power loss cut
    }
    const boost::json::object& receipt = value.get_object();
    const std::string shard = text_of(receipt, "shard");
    const bool whole = receipt.contains("whole") && receipt.at("whole") == boost::json::value(true);
    table.add({text_of(receipt, "at"), text_of(receipt, "principal"), text_of(receipt, "tenant"),
               shard.empty()
                   ? absl::StrCat("manifest of ", text_of(receipt, "view"), " version ", number_of(receipt, "version"))
                   : shard,
               number_of(receipt, "bytes"), whole ? "yes" : "no"});
  }
  session.print(table);
}

/// Where shards are fetched is the dataset's place on the HTTP face; its receipts stand beside them.
int receipts(Session& session, const ReceiptFlags& flags) {
  const auto manifest = session.client().manifest(flags.dataset, flags.view, 0);
  if (!manifest.ok()) {
    return session.fail(manifest.status());
  }
  if (manifest->http_base().empty()) {
    return session.fail(absl::FailedPreconditionError("the service has no HTTP face, and nobody pulled from it"));
  }
  const std::string base = client::reachable(manifest->http_base(), session.server);
  const auto lines = client::fetch_page(absl::StrCat(absl::StripSuffix(base, "shards/"), "receipts"), session.access);
  if (!lines.ok()) {
    return session.fail(lines.status());
  }
  if (session.json) {
    std::printf("%s", lines->c_str());
  } else {
    show_receipts(session, *lines);
  }
  return client::kOk;
}

}  // namespace

void add_receipts(CLI::App& datasets, Session& session) {
  auto flags = std::make_shared<ReceiptFlags>();
  CLI::App& command = session.command(datasets, "receipts", "who took which manifests and shards away, oldest first",
                                      "datasets receipts maths", [=, &session] { return receipts(session, *flags); });
  command.add_option("DATASET", flags->dataset, "the dataset's name")->required();
  command.add_option("--view", flags->view, "a view of it that is published")->capture_default_str();
}

}  // namespace harvest::ctl
